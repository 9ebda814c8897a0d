import { Module } from '@nestjs/common';
import { SuspensionsModule } from '../suspensions/suspensions.module.js';
import { AgreementsController } from './agreements.controller.js';
import { AgreementsService } from './agreements.service.js';
import { CodeListsController } from './code-lists.controller.js';
import { ExecutionService } from './execution.service.js';
import { RevisionsService } from './revisions.service.js';
import { TemplatesController } from './templates/templates.controller.js';
import { VersionsService } from './versions.service.js';

@Module({
  imports: [SuspensionsModule],
  controllers: [AgreementsController, CodeListsController, TemplatesController],
  providers: [AgreementsService, ExecutionService, RevisionsService, VersionsService],
  exports: [VersionsService],
})
export class AgreementsModule {}

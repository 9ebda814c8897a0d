import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module.js';
import { SuspensionsModule } from '../suspensions/suspensions.module.js';
import { FindingsController } from './findings.controller.js';
import { FindingsService } from './findings.service.js';
import { LeakResponse } from './leaks/leak-response.service.js';
import { LeaksController } from './leaks/leaks.controller.js';
import { LeaksService } from './leaks/leaks.service.js';
import { UnaccountedLeases } from './unaccounted/unaccounted-leases.service.js';

@Module({
  imports: [AgreementsModule, SuspensionsModule],
  controllers: [FindingsController, LeaksController],
  providers: [FindingsService, LeakResponse, LeaksService, UnaccountedLeases],
  exports: [FindingsService, UnaccountedLeases],
})
export class FindingsModule {}

import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module.js';
import { CampaignsController } from './campaigns.controller.js';
import { CampaignsService } from './campaigns.service.js';
import { RosterService } from './roster.service.js';

@Module({
  imports: [AgreementsModule],
  controllers: [CampaignsController],
  providers: [CampaignsService, RosterService],
  exports: [RosterService],
})
export class CampaignsModule {}

import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module.js';
import { CampaignsModule } from '../campaigns/campaigns.module.js';
import { PartnersModule } from '../partners/partners.module.js';
import { SuspensionsModule } from '../suspensions/suspensions.module.js';
import { KeyBoundaries } from './key-boundaries.js';
import { KeyFitting } from './key-fitting.service.js';
import { KeyIssuing } from './key-issuing.service.js';
import { KeyRequestsService } from './key-requests.service.js';
import { KeyTies } from './key-ties.js';
import { KeyViews } from './key-views.service.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

@Module({
  imports: [AgreementsModule, CampaignsModule, PartnersModule, SuspensionsModule],
  controllers: [KeysController],
  providers: [KeyRequestsService, KeysService, KeyIssuing, KeyFitting, KeyViews, KeyTies, KeyBoundaries],
})
export class KeysModule {}

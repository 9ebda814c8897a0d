import { Module } from '@nestjs/common';
import { GatewayModule } from '../gateway/gateway.module.js';
import { QuotasModule } from '../quotas/quotas.module.js';
import { CitedDecisions } from './cited-decisions.js';
import { IngestService } from './ingest.service.js';
import { KeyUsageController } from './key-usage.controller.js';
import { KeyUsage } from './key-usage.service.js';
import { Settle } from './settle.js';
import { SettleQueue } from './settle-queue.js';
import { Settlement } from './settlement.js';
import { UsageController } from './usage.controller.js';
import { UsageService } from './usage.service.js';

@Module({
  imports: [GatewayModule, QuotasModule],
  controllers: [UsageController, KeyUsageController],
  providers: [CitedDecisions, IngestService, KeyUsage, Settlement, UsageService, Settle, SettleQueue],
})
export class UsageModule {}

import { Module } from '@nestjs/common';
import { QuotasModule } from '../quotas/quotas.module.js';
import { IngestService } from './ingest.service.js';
import { Settlement } from './settlement.js';
import { UsageController } from './usage.controller.js';
import { UsageService } from './usage.service.js';

@Module({
  imports: [QuotasModule],
  controllers: [UsageController],
  providers: [IngestService, Settlement, UsageService],
})
export class UsageModule {}

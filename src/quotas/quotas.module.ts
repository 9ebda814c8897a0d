import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module.js';
import { Ledger } from './ledger.js';
import { LeaseLedger } from './leases/lease-ledger.js';
import { PricesController } from './prices/prices.controller.js';
import { PricesService } from './prices/prices.service.js';
import { QuotasController } from './quotas.controller.js';
import { Thresholds } from './thresholds.js';

@Module({
  imports: [AgreementsModule],
  controllers: [QuotasController, PricesController],
  providers: [Ledger, LeaseLedger, PricesService, Thresholds],
  exports: [Ledger, LeaseLedger],
})
export class QuotasModule {}

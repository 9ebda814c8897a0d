import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module.js';
import { QuotaLeasesController } from './leases/quota-leases.controller.js';
import { QuotaLeases } from './leases/quota-leases.service.js';
import { Ledger } from './ledger.js';
import { LeaseLedger } from './leases/lease-ledger.js';
import { PricesController } from './prices/prices.controller.js';
import { PricesService } from './prices/prices.service.js';
import { QuotaWindows } from './quota-windows.service.js';
import { QuotasController } from './quotas.controller.js';
import { Thresholds } from './thresholds.js';

@Module({
  imports: [AgreementsModule],
  controllers: [QuotasController, QuotaLeasesController, PricesController],
  providers: [Ledger, LeaseLedger, PricesService, QuotaLeases, QuotaWindows, Thresholds],
  exports: [Ledger, LeaseLedger],
})
export class QuotasModule {}

import { Module } from '@nestjs/common';
import { Ledger } from './ledger.js';
import { QuotasController } from './quotas.controller.js';

@Module({ controllers: [QuotasController], providers: [Ledger], exports: [Ledger] })
export class QuotasModule {}

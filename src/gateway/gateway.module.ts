import { Module } from '@nestjs/common';
import { QuotasModule } from '../quotas/quotas.module.js';
import { Admissions } from './admission.js';
import { AdmissionQueue } from './admission-queue.js';
import { GatewayServer } from './gateway.server.js';
import { StandingReader } from './standing.js';

@Module({
  imports: [QuotasModule],
  providers: [Admissions, AdmissionQueue, GatewayServer, StandingReader],
  exports: [GatewayServer, StandingReader],
})
export class GatewayModule {}

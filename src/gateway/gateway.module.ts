import { Module } from '@nestjs/common';
import { AgreementsModule } from '../agreements/agreements.module.js';
import { QuotasModule } from '../quotas/quotas.module.js';
import { Admissions } from './admission.js';
import { AdmissionQueue } from './admission-queue.js';
import { DryRunController } from './asking/dry-run.controller.js';
import { DryRuns } from './asking/dry-run.service.js';
import { KeyStandingController } from './asking/key-standing.controller.js';
import { KeyStandings } from './asking/key-standing.service.js';
import { AssumedUse } from './assumed-use.js';
import { Authorizations } from './authorizations.js';
import { ForwardAuth } from './forward-auth/forward-auth.js';
import { GatewayRoutes } from './gateway-routes.js';
import { GatewayServer } from './gateway.server.js';
import { IdleKeys } from './idle-keys.js';
import { IntrospectionService } from './introspection.service.js';
import { LapsedPlaces } from './lapsed-places.js';
import { ChangeListener } from './revocations/change-listener.js';
import { ChangeReader } from './revocations/change-reader.js';
import { RevocationFeed } from './revocations/revocation-feed.js';
import { Revocations } from './revocations/revocations.js';
import { StandingReader } from './standing.js';

@Module({
  imports: [AgreementsModule, QuotasModule],
  controllers: [KeyStandingController, DryRunController],
  providers: [
    Admissions,
    AdmissionQueue,
    AssumedUse,
    GatewayServer,
    IdleKeys,
    LapsedPlaces,
    StandingReader,
    KeyStandings,
    DryRuns,
    Authorizations,
    GatewayRoutes,
    ForwardAuth,
    IntrospectionService,
    ChangeListener,
    ChangeReader,
    RevocationFeed,
    Revocations,
  ],
  exports: [AssumedUse, GatewayServer, LapsedPlaces, StandingReader, GatewayRoutes],
})
export class GatewayModule {}

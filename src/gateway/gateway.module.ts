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
import { AuthorizationTokens } from './authorization-token.js';
import { Decider } from './decider.js';
import { DecisionJournal } from './leased/decision-journal.js';
import { DecisionWriter } from './leased/decision-writer.js';
import { FastAdmission } from './leased/fast-admission.js';
import { FastJournal } from './leased/fast-journal.js';
import { LeaseKeeper } from './leased/lease-keeper.js';
import { Plans } from './leased/plans.js';
import { ForwardAuth } from './forward-auth/forward-auth.js';
import { GatewayRoutes } from './gateway-routes.js';
import { GatewayServer } from './gateway.server.js';
import { IdleKeys } from './idle-keys.js';
import { IntrospectionService } from './introspection.service.js';
import { LapsedPlaces } from './lapsed-places.js';
import { NodeLife } from './node-life.js';
import { PreparedQuestions } from './prepared-questions.js';
import { NodeConnection } from './nodes/node-connection.js';
import { NodeRegistry } from './nodes/node-registry.js';
import { ChangeReader } from './revocations/change-reader.js';
import { RevocationFeed } from './revocations/revocation-feed.js';
import { Revocations } from './revocations/revocations.js';
import { Freshness } from './snapshot/freshness.js';
import { OwnWrites } from './snapshot/own-writes.js';
import { SnapshotFiller } from './snapshot/snapshot-filler.js';
import { SnapshotKeeper } from './snapshot/snapshot-keeper.js';
import { SnapshotMetrics } from './snapshot/snapshot-metrics.js';
import { SnapshotReader } from './snapshot/snapshot-reader.js';
import { Snapshot } from './snapshot/snapshot.js';
import { StandingReader } from './standing.js';

@Module({
  imports: [AgreementsModule, QuotasModule],
  controllers: [KeyStandingController, DryRunController],
  providers: [
    Admissions,
    AdmissionQueue,
    AuthorizationTokens,
    Decider,
    DecisionJournal,
    DecisionWriter,
    FastAdmission,
    FastJournal,
    LeaseKeeper,
    NodeLife,
    PreparedQuestions,
    Plans,
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
    NodeConnection,
    NodeRegistry,
    Snapshot,
    SnapshotReader,
    SnapshotFiller,
    SnapshotKeeper,
    SnapshotMetrics,
    Freshness,
    OwnWrites,
    ChangeReader,
    RevocationFeed,
    Revocations,
  ],
  exports: [
    AssumedUse,
    AuthorizationTokens,
    DecisionWriter,
    Freshness,
    GatewayServer,
    LapsedPlaces,
    NodeRegistry,
    Snapshot,
    StandingReader,
    GatewayRoutes,
  ],
})
export class GatewayModule {}

import { DataSource, DataSourceOptions } from 'typeorm';
import { GatewayCredential } from './access/gateway-credential.entity.js';
import { Invitation } from './access/invitation.entity.js';
import { Session } from './access/session.entity.js';
import { UserAccount } from './access/user-account.entity.js';
import { AgreementVersion } from './agreements/agreement-version.entity.js';
import { Agreement } from './agreements/agreement.entity.js';
import { Amendment } from './agreements/amendments/amendment.entity.js';
import { AgreementApproval } from './agreements/approval/agreement-approval.entity.js';
import { ApprovalDelegation } from './agreements/approval/approval-delegation.entity.js';
import { Termination } from './agreements/endings/termination.entity.js';
import { AgreementRevision } from './agreements/negotiation/agreement-revision.entity.js';
import { ClauseComment } from './agreements/negotiation/clause-comment.entity.js';
import { TextTransition } from './agreements/negotiation/text-transition.entity.js';
import { Notice } from './agreements/notices/notice.entity.js';
import { ObligationSubmission } from './agreements/obligations/obligation-submission.entity.js';
import { Obligation } from './agreements/obligations/obligation.entity.js';
import { PublicationObjection } from './agreements/publications/publication-objection.entity.js';
import { PublicationReview } from './agreements/publications/publication-review.entity.js';
import { AgreementSignature } from './agreements/signing/agreement-signature.entity.js';
import { BoundaryEvent } from './agreements/sweep/boundary-event.entity.js';
import { AuditDetail } from './audit/audit-detail.entity.js';
import { AuditEntry } from './audit/audit-entry.entity.js';
import { Campaign } from './campaigns/campaign.entity.js';
import { RosterEntry } from './campaigns/roster/roster-entry.entity.js';
import { EvaluationRun } from './campaigns/runs/run.entity.js';
import { Finding } from './findings/finding.entity.js';
import { DecisionRecord } from './gateway/decision.entity.js';
import { ChangeLog } from './gateway/revocations/change-log.entity.js';
import { GatewayNode } from './gateway/nodes/gateway-node.entity.js';
import { NodeReceipt } from './gateway/nodes/node-receipt.entity.js';
import { ApiKey } from './keys/api-key.entity.js';
import { KeyRequest } from './keys/key-request.entity.js';
import { KeySecret } from './keys/key-secret.entity.js';
import { SnakeCase } from './naming.js';
import { PartnerContact } from './partners/contacts/partner-contact.entity.js';
import { PartnerCheck } from './partners/due-diligence/partner-check.entity.js';
import { PartnerOrganisation } from './partners/partner-organisation.entity.js';
import { PartnerSigningKey } from './partners/signing-keys/partner-signing-key.entity.js';
import { ModelPrice } from './quotas/prices/model-price.entity.js';
import { QuotaBucket } from './quotas/quota-bucket.entity.js';
import { QuotaLease } from './quotas/leases/quota-lease.entity.js';
import { QuotaWindow } from './quotas/quota-window.entity.js';
import { StatementRecord } from './reconciliation/statement.entity.js';
import { Suspension } from './suspensions/suspension.entity.js';
import { Foundation1795334400000 } from '../migrations/1795334400000-foundation.js';
import { ContractLife1795507200000 } from '../migrations/1795507200000-contract-life.js';
import { Partners1795420800000 } from '../migrations/1795420800000-partners.js';
import { Obligations1795593600000 } from '../migrations/1795593600000-obligations.js';
import { Roster1795680000000 } from '../migrations/1795680000000-roster.js';
import { Runs1795680000001 } from '../migrations/1795680000001-runs.js';
import { UsageOfAKey1795680000003 } from '../migrations/1795680000003-usage-of-a-key.js';
import { CampaignsAndKeys1795766400000 } from '../migrations/1795766400000-campaigns-and-keys.js';
import { ChangeLog1795852800001 } from '../migrations/1795852800001-change-log.js';
import { Prices1795939200000 } from '../migrations/1795939200000-prices.js';
import { Places1795939200001 } from '../migrations/1795939200001-places.js';
import { Rolling1795939200002 } from '../migrations/1795939200002-rolling.js';
import { Leases1796025600000 } from '../migrations/1796025600000-leases.js';
import { AssumedUse1796025600002 } from '../migrations/1796025600002-assumed-use.js';
import { PricesInTheChangeLog1796025600001 } from '../migrations/1796025600001-prices-in-the-change-log.js';

/** Everything that is kept as an entity. */
export const entities = [
  AuditEntry,
  AuditDetail,
  UserAccount,
  Invitation,
  Session,
  GatewayCredential,
  Suspension,
  PartnerOrganisation,
  PartnerContact,
  PartnerCheck,
  PartnerSigningKey,
  Agreement,
  AgreementRevision,
  AgreementApproval,
  AgreementSignature,
  AgreementVersion,
  Amendment,
  ApprovalDelegation,
  TextTransition,
  ClauseComment,
  Notice,
  Termination,
  Obligation,
  ObligationSubmission,
  PublicationReview,
  PublicationObjection,
  BoundaryEvent,
  Campaign,
  RosterEntry,
  EvaluationRun,
  KeyRequest,
  ApiKey,
  KeySecret,
  ModelPrice,
  QuotaWindow,
  QuotaBucket,
  QuotaLease,
  Finding,
  DecisionRecord,
  ChangeLog,
  GatewayNode,
  NodeReceipt,
  StatementRecord,
];

const shared = {
  type: 'postgres' as const,
  entities,
  migrations: [
    Foundation1795334400000,
    Partners1795420800000,
    ContractLife1795507200000,
    Obligations1795593600000,
    Roster1795680000000,
    Runs1795680000001,
    UsageOfAKey1795680000003,
    CampaignsAndKeys1795766400000,
    ChangeLog1795852800001,
    Prices1795939200000,
    Places1795939200001,
    Rolling1795939200002,
    Leases1796025600000,
    AssumedUse1796025600002,
    PricesInTheChangeLog1796025600001,
  ],
  namingStrategy: new SnakeCase(),
  // Counts are held within 2^53−1 by the terms, so a bigint is a number here; a sum beyond it would be refused there.
  parseInt8: true,
};

/** The role that everything but migrations runs as; it owns nothing and cannot alter what is append-only. */
export const applicationRole = 'parley_app';

/** A wait that is longer than this is trouble, and is told as 503 instead of being waited out. */
const limits = '-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000';

/** The connection of the service: the application's role, bounded waits. */
export function applicationOptions(url: string, poolMax: number, ownLogin: boolean): DataSourceOptions {
  const role = ownLogin ? '' : ` -c role=${applicationRole}`;
  return {
    ...shared,
    url,
    poolSize: poolMax,
    connectTimeoutMS: 5_000,
    extra: { options: `${limits}${role}`, application_name: 'parley' },
  };
}

/** The connection that migrates: the owner of the tables. */
export function ownerDataSource(url: string): DataSource {
  return new DataSource({ ...shared, url, poolSize: 2 });
}

import { DataSource, DataSourceOptions } from 'typeorm';
import { GatewayCredential } from './access/gateway-credential.entity.js';
import { Invitation } from './access/invitation.entity.js';
import { Session } from './access/session.entity.js';
import { UserAccount } from './access/user-account.entity.js';
import { AgreementApproval } from './agreements/agreement-approval.entity.js';
import { AgreementRevision } from './agreements/agreement-revision.entity.js';
import { AgreementSignature } from './agreements/agreement-signature.entity.js';
import { AgreementVersion } from './agreements/agreement-version.entity.js';
import { Agreement } from './agreements/agreement.entity.js';
import { AuditDetail } from './audit/audit-detail.entity.js';
import { AuditEntry } from './audit/audit-entry.entity.js';
import { Campaign } from './campaigns/campaign.entity.js';
import { RosterEntry } from './campaigns/roster-entry.entity.js';
import { Finding } from './findings/finding.entity.js';
import { DecisionRecord } from './gateway/decision.entity.js';
import { ApiKey } from './keys/api-key.entity.js';
import { KeyRequest } from './keys/key-request.entity.js';
import { KeySecret } from './keys/key-secret.entity.js';
import { SnakeCase } from './naming.js';
import { PartnerContact } from './partners/contacts/partner-contact.entity.js';
import { PartnerCheck } from './partners/due-diligence/partner-check.entity.js';
import { PartnerOrganisation } from './partners/partner-organisation.entity.js';
import { PartnerSigningKey } from './partners/signing-keys/partner-signing-key.entity.js';
import { QuotaWindow } from './quotas/quota-window.entity.js';
import { StatementRecord } from './reconciliation/statement.entity.js';
import { Suspension } from './suspensions/suspension.entity.js';
import { Foundation1795334400000 } from '../migrations/1795334400000-foundation.js';
import { Partners1795420800000 } from '../migrations/1795420800000-partners.js';

const entities = [
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
  Campaign,
  RosterEntry,
  KeyRequest,
  ApiKey,
  KeySecret,
  QuotaWindow,
  Finding,
  DecisionRecord,
  StatementRecord,
];

const shared = {
  type: 'postgres' as const,
  entities,
  migrations: [Foundation1795334400000, Partners1795420800000],
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

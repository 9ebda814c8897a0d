import { QuotaSlice } from '../campaigns/quota-slices.js';
import { VoucherLevel } from '../terms/deciding/decision.js';

/** What the tables say of one key. */
export interface StandingRow {
  /** What the row was asked for by: the hash of a secret (hex), or the key's id. */
  askedBy: string;
  keyId: string;
  publicId: string;
  organisationId: string;
  agreementId: string;
  researcherId: string;
  models: string[];
  capabilities: string[];
  endpoints: string[];
  networks: string[] | null;
  keyQuotas: QuotaSlice[];
  campaignQuotas: QuotaSlice[];
  /** The end of the key or, before it, of the secret that was presented. */
  expiresAt: Date;
  revokedAt: Date | null;
  campaignId: string;
  campaignState: string;
  purpose: string;
  campaignModels: string[];
  startsAt: Date;
  endsAt: Date;
  email: string;
  /** Null where the researcher has no entry that counts. */
  rosterFrom: Date | null;
  rosterUntil: Date | null;
  vouchedAs: VoucherLevel | null;
  attestedAt: Date | null;
  leftExcludedWorkOn: string | null;
  endedAt: Date | null;
  versionId: string;
  versionNumber: number;
  executedAt: Date;
}

/** A stop that is in force. */
export interface StopRow {
  id: string;
  kind: string;
  target: string;
  organisationId: string;
  agreementId: string | null;
  suspendedAt: Date;
}

interface Asked {
  askedBy: string;
  expiresAt: string;
  from: string;
  where: string;
  /** Columns beside those of a standing, each after a comma. */
  more?: string;
}

/** One query for all who ask, so that they can never differ in what they know of a key; `$2` is the instant. */
export const keysSql = ({ askedBy, expiresAt, from, where, more = '' }: Asked) => `
  SELECT ${askedBy} AS "askedBy", k.id AS "keyId", k.public_id AS "publicId",
    k.organisation_id AS "organisationId", k.agreement_id AS "agreementId", k.researcher_id AS "researcherId",
    k.models, k.capabilities, k.endpoints, k.networks, k.quotas AS "keyQuotas", c.quotas AS "campaignQuotas",
    ${expiresAt} AS "expiresAt", k.revoked_at AS "revokedAt",
    c.id AS "campaignId", c.state AS "campaignState", c.purpose, c.models AS "campaignModels",
    c.starts_at AS "startsAt", c.ends_at AS "endsAt", u.email,
    r.starts_at AS "rosterFrom", r.ends_at AS "rosterUntil", r.vouched_as AS "vouchedAs",
    r.attested_at AS "attestedAt", r.left_excluded_work_on::text AS "leftExcludedWorkOn",
    a.ended_at AS "endedAt", v.id AS "versionId", v.number AS "versionNumber", v.executed_at AS "executedAt"${more}
  FROM ${from}
  JOIN campaign c ON c.id = k.campaign_id
  JOIN user_account u ON u.id = k.researcher_id
  JOIN agreement a ON a.id = k.agreement_id
  -- The newest version that has begun; before any has, the first.
  JOIN LATERAL (SELECT id, number, executed_at FROM agreement_version WHERE agreement_id = k.agreement_id
                ORDER BY effective_from <= $2 DESC, CASE WHEN effective_from <= $2 THEN -number ELSE number END
                LIMIT 1) v ON true
  -- The newest entry that has begun; before any has, the first.
  LEFT JOIN LATERAL (SELECT * FROM roster_entry WHERE agreement_id = k.agreement_id AND user_id = k.researcher_id
                     AND removed_at IS NULL AND u.suspended_at IS NULL AND 'researcher' = ANY(u.roles)
                     ORDER BY starts_at > $2, abs(extract(epoch FROM starts_at - $2)) LIMIT 1) r ON true
  WHERE ${where}`;

/** How secrets are asked for; whoever asks says which. */
export const ofSecrets = {
  askedBy: "encode(s.hash, 'hex')",
  expiresAt: 'least(k.expires_at, s.ends_at)',
  from: 'key_secret s JOIN api_key k ON k.id = s.key_id',
};

/** Every stop that is in force. */
export const stopsSql = `
  SELECT id, organisation_id AS "organisationId", agreement_id AS "agreementId", scope AS kind, target,
    suspended_at AS "suspendedAt"
  FROM suspension WHERE lifted_at IS NULL`;

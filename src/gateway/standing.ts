import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { rosterStandingOf } from '../campaigns/roster/roster-standing.js';
import { RosterStanding, Standing, Suspension, VoucherLevel } from '../terms/deciding/decision.js';
import { Terms } from '../terms/terms.js';
import { QuotaSlice } from '../campaigns/quota-slices.js';
import { isAbout } from '../suspensions/suspensions.service.js';
import { ScopedSlice, slicesOf } from '../quotas/windows.js';

/** The version of an agreement that is in force for new decisions. */
export interface VersionInForce {
  id: string;
  number: number;
  executedAt: Date;
  terms: Terms;
}

/** All that is known of one key at one moment. */
export interface KeyFacts {
  keyId: string;
  publicId: string;
  organisationId: string;
  agreementId: string;
  campaignId: string;
  researcherId: string;
  purpose: string;
  slices: ScopedSlice[];
  version: VersionInForce;
  standing: Standing;
}

interface Row {
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

interface Stop {
  id: string;
  kind: string;
  target: string;
  organisationId: string;
  agreementId: string | null;
  suspendedAt: Date;
}

/** One query for all who ask, so that they can never differ in what they know of a key. */
const keysSql = ({ askedBy, expiresAt, from, where }: Record<'askedBy' | 'expiresAt' | 'from' | 'where', string>) => `
  SELECT ${askedBy} AS "askedBy", k.id AS "keyId", k.public_id AS "publicId",
    k.organisation_id AS "organisationId", k.agreement_id AS "agreementId", k.researcher_id AS "researcherId",
    k.models, k.capabilities, k.endpoints, k.networks, k.quotas AS "keyQuotas", c.quotas AS "campaignQuotas",
    ${expiresAt} AS "expiresAt", k.revoked_at AS "revokedAt",
    c.id AS "campaignId", c.state AS "campaignState", c.purpose, c.models AS "campaignModels",
    c.starts_at AS "startsAt", c.ends_at AS "endsAt", u.email,
    r.starts_at AS "rosterFrom", r.ends_at AS "rosterUntil", r.vouched_as AS "vouchedAs",
    r.attested_at AS "attestedAt", r.left_excluded_work_on::text AS "leftExcludedWorkOn",
    a.ended_at AS "endedAt", v.id AS "versionId", v.number AS "versionNumber", v.executed_at AS "executedAt"
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

const bySecretSql = keysSql({
  askedBy: "encode(s.hash, 'hex')",
  expiresAt: 'least(k.expires_at, s.ends_at)',
  from: 'key_secret s JOIN api_key k ON k.id = s.key_id',
  where: 's.hash = ANY($1)',
});

/** Which secrets are live does not matter here: a key has a standing before it is ever presented. */
const byIdSql = keysSql({ askedBy: 'k.id', expiresAt: 'k.expires_at', from: 'api_key k', where: 'k.id = ANY($1)' });

const stopsSql = `
  SELECT id, organisation_id AS "organisationId", agreement_id AS "agreementId", scope AS kind, target,
    suspended_at AS "suspendedAt"
  FROM suspension WHERE lifted_at IS NULL AND organisation_id = ANY($1)`;

/** Reads what decisions stand on, for many keys in two queries. */
@Injectable()
export class StandingReader {
  /** Executed terms never change, so each version is read once and its one object is used for ever. */
  private readonly terms = new Map<string, Terms>();

  /** The facts of every known key among these hashes (hex), as they are within this transaction. */
  async read(manager: EntityManager, hashes: readonly string[], at: Date): Promise<Map<string, KeyFacts>> {
    const bytes = [...new Set(hashes)].map((hash) => Buffer.from(hash, 'hex'));
    return bytes.length === 0 ? new Map() : this.factsBy(manager, bySecretSql, [bytes, at]);
  }

  /** The same facts of keys by their ids, whether or not a secret of theirs is live; a key that is not there has none. */
  async readKeys(manager: EntityManager, ids: readonly string[], at: Date): Promise<Map<string, KeyFacts>> {
    return this.factsBy(manager, byIdSql, [[...new Set(ids)], at]);
  }

  private async factsBy(
    manager: EntityManager,
    sql: string,
    values: [unknown[], Date],
  ): Promise<Map<string, KeyFacts>> {
    const rows: Row[] = await manager.query(sql, values);
    if (rows.length === 0) return new Map();
    const stops: Stop[] = await manager.query(stopsSql, [[...new Set(rows.map((row) => row.organisationId))]]);
    await this.learnTerms(manager, rows);
    return new Map(rows.map((row) => [row.askedBy, this.factsOf(row, stops, values[1])]));
  }

  private async learnTerms(manager: EntityManager, rows: readonly Row[]): Promise<void> {
    const unknown = [...new Set(rows.map((row) => row.versionId))].filter((id) => !this.terms.has(id));
    if (unknown.length === 0) return;
    const found: { id: string; terms: Terms }[] = await manager.query(
      'SELECT id, terms FROM agreement_version WHERE id = ANY($1)',
      [unknown],
    );
    for (const { id, terms } of found) this.terms.set(id, terms);
  }

  private factsOf(row: Row, stops: readonly Stop[], at: Date): KeyFacts {
    const { keyId, publicId, organisationId, agreementId, campaignId, researcherId, purpose } = row;
    const version = {
      id: row.versionId,
      number: row.versionNumber,
      executedAt: row.executedAt,
      terms: this.terms.get(row.versionId)!,
    };
    const slices = slicesOf(row.campaignQuotas, row.keyQuotas);
    const standing = standingOf(row, stops, at);
    return {
      keyId,
      publicId,
      organisationId,
      agreementId,
      campaignId,
      researcherId,
      purpose,
      slices,
      version,
      standing,
    };
  }
}

function standingOf(row: Row, stops: readonly Stop[], at: Date): Standing {
  const covering = stops.filter((stop) => isAbout(stop, row));
  return {
    agreement: { executedAt: row.executedAt, endedAt: row.endedAt },
    suspensions: covering.map(({ id, kind, target, suspendedAt }) => ({
      id,
      scope: { kind, target } as Suspension['scope'],
      // A stop that is there holds, whatever this node's clock makes of the instant at which it was made.
      from: suspendedAt < at ? suspendedAt : at,
      until: null,
    })),
    campaign: {
      id: row.campaignId,
      state: row.campaignState,
      purpose: row.purpose,
      models: row.campaignModels,
      startsAt: row.startsAt,
      endsAt: row.endsAt,
    },
    roster: rosterOf(row),
    key: {
      id: row.keyId,
      state: row.revokedAt ? 'revoked' : 'active',
      expiresAt: row.expiresAt,
      models: row.models,
      capabilities: row.capabilities,
      endpoints: row.endpoints,
      networks: row.networks ?? 'any',
    },
  };
}

function rosterOf(row: Row): RosterStanding | null {
  const { researcherId: userId, rosterFrom: startsAt, rosterUntil: endsAt } = row;
  const { vouchedAs, attestedAt, leftExcludedWorkOn } = row;
  return (
    startsAt && rosterStandingOf({ userId, startsAt, endsAt, vouchedAs, attestedAt, leftExcludedWorkOn }, row.email)
  );
}

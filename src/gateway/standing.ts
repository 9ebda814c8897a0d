import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { rosterStandingOf } from '../campaigns/roster/roster-standing.js';
import { RosterStanding, Standing, Suspension } from '../terms/deciding/decision.js';
import { Terms } from '../terms/terms.js';
import { isAbout } from '../suspensions/suspensions.service.js';
import { ScopedSlice, slicesOf } from '../quotas/windows.js';
import { keysSql, ofSecrets, StandingRow, stopsSql, StopRow } from './standing-sql.js';

/** Whatever queries can be put to. */
export type Queries = Pick<EntityManager, 'query'>;

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

const bySecretSql = keysSql({ ...ofSecrets, where: 's.hash = ANY($1)' });

/** Which secrets are live does not matter here: a key has a standing before it is ever presented. */
const byIdSql = keysSql({ askedBy: 'k.id', expiresAt: 'k.expires_at', from: 'api_key k', where: 'k.id = ANY($1)' });

/** Reads what decisions stand on, for many keys in two queries. */
@Injectable()
export class StandingReader {
  /** Executed terms never change, so each version is read once and its one object is used for ever. */
  private readonly terms = new Map<string, Terms>();

  /** The facts of every known key among these hashes (hex), as they are within this transaction. */
  async read(manager: Queries, hashes: readonly string[], at: Date): Promise<Map<string, KeyFacts>> {
    const bytes = [...new Set(hashes)].map((hash) => Buffer.from(hash, 'hex'));
    return bytes.length === 0 ? new Map() : this.factsBy(manager, bySecretSql, [bytes, at]);
  }

  /** The same facts of keys by their ids, whether or not a secret of theirs is live; a key that is not there has none. */
  async readKeys(manager: Queries, ids: readonly string[], at: Date): Promise<Map<string, KeyFacts>> {
    return this.factsBy(manager, byIdSql, [[...new Set(ids)], at]);
  }

  private async factsBy(manager: Queries, sql: string, values: [unknown[], Date]): Promise<Map<string, KeyFacts>> {
    const rows: StandingRow[] = await manager.query(sql, values);
    if (rows.length === 0) return new Map();
    const stops: StopRow[] = await manager.query(`${stopsSql} AND organisation_id = ANY($1)`, [
      [...new Set(rows.map((row) => row.organisationId))],
    ]);
    await this.learnTerms(manager, rows);
    return new Map(rows.map((row) => [row.askedBy, this.factsOf(row, stops, values[1])]));
  }

  /** Reads the terms of the versions that these rows name, unless they are known; `factsOf` needs them. */
  async learnTerms(manager: Queries, rows: readonly StandingRow[]): Promise<void> {
    const unknown = [...new Set(rows.map((row) => row.versionId))].filter((id) => !this.terms.has(id));
    if (unknown.length === 0) return;
    const found: { id: string; terms: Terms }[] = await manager.query(
      'SELECT id, terms FROM agreement_version WHERE id = ANY($1)',
      [unknown],
    );
    for (const { id, terms } of found) this.terms.set(id, terms);
  }

  /** What a row says at an instant, with the stops in force; the terms of its version are known already. */
  factsOf(row: StandingRow, stops: readonly StopRow[], at: Date): KeyFacts {
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

function standingOf(row: StandingRow, stops: readonly StopRow[], at: Date): Standing {
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

function rosterOf(row: StandingRow): RosterStanding | null {
  const { researcherId: userId, rosterFrom: startsAt, rosterUntil: endsAt } = row;
  const { vouchedAs, attestedAt, leftExcludedWorkOn } = row;
  return (
    startsAt && rosterStandingOf({ userId, startsAt, endsAt, vouchedAs, attestedAt, leftExcludedWorkOn }, row.email)
  );
}

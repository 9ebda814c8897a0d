import { Injectable } from '@nestjs/common';
import { Actor } from '../../kernel/actor.js';
import { Clock } from '../../kernel/clock.js';
import { GatewayCredential } from '../../access/gateway-credential.entity.js';
import { allPrices } from '../../quotas/prices/prices.js';
import { ReachingKind, reachSql } from '../revocations/reach.js';
import { Queries, StandingReader } from '../standing.js';
import { keysSql, ofSecrets, StopRow, stopsSql } from '../standing-sql.js';
import { Change, namingKeys, reachingKeys } from './causes.js';
import { KeyTable, SecretRow } from './key-table.js';
import { Contents } from './snapshot.js';

/** How many secrets are read at once: so few that taking them in holds up no decision for more than a moment. */
export const pageMax = 500;

/** How many changes are read at once. */
const changesMax = 1_000;

const changesSql = `
  SELECT seq, kind, entity_id AS "entityId", agreement_id AS "agreementId", cause
  FROM change_log WHERE seq > $1 ORDER BY seq LIMIT ${changesMax}`;

/** With each secret, the beginnings around the instant of the reading that decide which version and which entry count. */
const secretsSql = (where: string) =>
  keysSql({
    ...ofSecrets,
    from: `${ofSecrets.from} CROSS JOIN LATERAL (
      SELECT max(at) FILTER (WHERE at <= $2) AS since, min(at) FILTER (WHERE at > $2) AS until
      FROM (SELECT effective_from AS at FROM agreement_version WHERE agreement_id = k.agreement_id
            UNION ALL SELECT starts_at FROM roster_entry
            WHERE agreement_id = k.agreement_id AND user_id = k.researcher_id) AS beginning) AS near`,
    more: ', near.since, near.until',
    where,
  });

const pageSql = secretsSql(`s.hash > $1 ORDER BY s.hash LIMIT ${pageMax}`);

const ofKeysSql = secretsSql('s.key_id = ANY($1)');

/** Reads what the snapshot holds. */
@Injectable()
export class SnapshotReader {
  constructor(
    private readonly clock: Clock,
    private readonly standing: StandingReader,
  ) {}

  /** Everything, page by page: beside what is kept of it, no more than a page is in memory. */
  async everything(queries: Queries): Promise<Contents> {
    const keys = new KeyTable();
    let after: Buffer | null = Buffer.alloc(0);
    while (after) {
      const at = this.clock.now();
      const rows: SecretRow[] = await this.rows(queries, pageSql, [after, at]);
      keys.add(rows, at);
      after = rows.length < pageMax ? null : Buffer.from(rows.at(-1)!.askedBy, 'hex');
    }
    return {
      keys,
      stops: await this.stops(queries),
      gateways: await this.gateways(queries),
      prices: await allPrices(queries),
    };
  }

  /** Every change after a position, in their order. */
  async changesAfter(queries: Queries, position: number): Promise<Change[]> {
    const changes: Change[] = [];
    let page: Change[];
    do {
      page = await queries.query<Change[]>(changesSql, [changes.at(-1)?.seq ?? position]);
      changes.push(...page);
    } while (page.length === changesMax);
    return changes;
  }

  /** Every secret of some keys, and the instant as of which they were read; ask for `pageMax` keys at most. */
  async secretsOf(queries: Queries, keyIds: readonly string[]): Promise<{ rows: SecretRow[]; at: Date }> {
    const at = this.clock.now();
    return { rows: await this.rows(queries, ofKeysSql, [keyIds, at]), at };
  }

  /** The keys that have these secrets (hashes in hex). */
  async holdersOf(queries: Queries, hashes: readonly string[]): Promise<string[]> {
    const bytes = hashes.map((hash) => Buffer.from(hash, 'hex'));
    const rows = await queries.query<{ id: string }[]>('SELECT key_id AS id FROM key_secret WHERE hash = ANY($1)', [
      bytes,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Every stop that is in force. */
  async stops(queries: Queries): Promise<StopRow[]> {
    return queries.query<StopRow[]>(`${stopsSql} ORDER BY id`);
  }

  /** Every gateway in good standing, by the hash (hex) of its credential. */
  async gateways(queries: Queries): Promise<Map<string, Actor>> {
    const rows = await queries.query<{ hash: string; id: string; name: string }[]>(
      `SELECT encode(secret_hash, 'hex') AS hash, id, name FROM gateway_credential WHERE revoked_at IS NULL`,
    );
    return new Map(
      rows.map(({ hash, id, name }) => [hash, Object.assign(new GatewayCredential(), { id, name }).actor]),
    );
  }

  /** The ids of the keys that changes reach, each once. Stops are kept beside the keys and reach none here. */
  async reached(queries: Queries, changes: readonly Change[]): Promise<string[]> {
    const ids = new Set(namingKeys(changes).map(({ entityId }) => entityId));
    for (const { kind, entityId, agreementId } of reachingKeys(changes)) {
      const found = await queries.query<{ id: string }[]>(reachSql(kind as ReachingKind), [
        entityId,
        agreementId,
        null,
      ]);
      for (const { id } of found) ids.add(id);
    }
    return [...ids];
  }

  private async rows(queries: Queries, sql: string, values: unknown[]): Promise<SecretRow[]> {
    const rows = await queries.query<SecretRow[]>(sql, values);
    await this.standing.learnTerms(queries, rows);
    return rows;
  }
}

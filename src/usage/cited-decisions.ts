import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isId } from '../kernel/ids.js';
import { AuthorizationTokens } from '../gateway/authorization-token.js';
import { DecisionWriter } from '../gateway/leased/decision-writer.js';

/** An allowance as it was decided, and whether an event of another source has settled it. */
export interface Allowance {
  id: string;
  at: Date;
  publicId: string;
  model: string;
  endpoint: string;
  address: string | null;
  run: string | null;
  reportedOtherwise: boolean;
}

/** Finds the decisions that reports of use cite: by their ids, or by tokens that prove them. */
@Injectable()
export class CitedDecisions {
  constructor(
    private readonly database: DataSource,
    private readonly tokens: AuthorizationTokens,
    private readonly writer: DecisionWriter,
  ) {}

  /**
   * The ids of the decisions that are cited, by citation; what can be none is left out. A report may be faster than the
   * journal of the node that decided, and the node may have died with it: then the token is the decision, and is written
   * down now, in a transaction of its own, for it is true whether or not the report is taken.
   */
  async resolve(citations: readonly string[]): Promise<Map<string, string>> {
    const distinct = [...new Set(citations)];
    const proven = distinct.flatMap((citation) => {
      const row = isId(citation) ? null : this.tokens.read(citation);
      return row ? [{ citation, row }] : [];
    });
    await this.writeMissing(proven.map(({ row }) => row));
    return new Map([
      ...distinct.filter(isId).map((id) => [id, id] as const),
      ...proven.map(({ citation, row }) => [citation, row.id] as const),
    ]);
  }

  /** The allowance that is cited, as seen by reports of one source; null where there is none. */
  async allowance(citation: string, source: string): Promise<Allowance | null> {
    const id = (await this.resolve([citation])).get(citation);
    const rows: Allowance[] = id === undefined ? [] : await this.database.query(allowanceSql, [id, source]);
    return rows[0] ?? null;
  }

  private async writeMissing(rows: Parameters<DecisionWriter['write']>[0]): Promise<void> {
    if (rows.length === 0) return;
    const written: { id: string }[] = await this.database.query('SELECT id FROM decision_record WHERE id = ANY($1)', [
      rows.map(({ id }) => id),
    ]);
    const there = new Set(written.map(({ id }) => id));
    await this.writer.write(rows.filter(({ id }) => !there.has(id)));
  }
}

const allowanceSql = `
  SELECT d.id, d.at, k.public_id AS "publicId", d.model, d.endpoint, d.address, d.run,
    d.settled_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM usage_event WHERE source = $2 AND event_id = $1::text) AS "reportedOtherwise"
  FROM decision_record d JOIN api_key k ON k.id = d.key_id WHERE d.id = $1::uuid AND d.code = 'allowed'`;

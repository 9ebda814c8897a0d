import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Clock, minute } from '../kernel/clock.js';
import { Refusal } from '../kernel/refusal.js';
import { IdempotentClaim } from './request-context.js';

export interface StoredAnswer {
  status: number;
  body: unknown;
}

interface Row {
  fingerprint: Buffer;
  claimed_at: Date;
  status: number | null;
  body: unknown;
}

/** An attempt that has not ended after this long died: no transaction may take longer than ten minutes. */
const abandonedAfter = 11 * minute;

/** The table of claimed Idempotency-Keys and their answers; kept for ever, so that a key never means two requests. */
@Injectable()
export class IdempotencyStore {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Claims a key: null when the request is to run now, the stored answer when it ran before; refuses otherwise. */
  async claim(claim: IdempotentClaim, fingerprint: Buffer): Promise<StoredAnswer | null> {
    const now = this.clock.now();
    const { principal, key, attempt } = claim;
    const claimed: unknown[] = await this.database.query(
      `INSERT INTO idempotency_key (principal, key, fingerprint, attempt, claimed_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (principal, key) DO NOTHING RETURNING key`,
      [principal, key, fingerprint, attempt, now],
    );
    if (claimed.length > 0) return null;
    const row = await this.find(claim);
    if (!row) throw new Refusal('request_in_progress', undefined, { retryAfterSeconds: 1 });
    if (!row.fingerprint.equals(fingerprint)) throw new Refusal('idempotency_key_reused');
    if (row.status !== null) return { status: row.status, body: row.body };
    if (await this.takeOver(claim, row, now)) return null;
    throw new Refusal('request_in_progress', undefined, { retryAfterSeconds: 1 });
  }

  private async find({ principal, key }: IdempotentClaim): Promise<Row | undefined> {
    const rows: Row[] = await this.database.query(
      'SELECT fingerprint, claimed_at, status, body FROM idempotency_key WHERE principal = $1 AND key = $2',
      [principal, key],
    );
    return rows[0];
  }

  private async takeOver(claim: IdempotentClaim, row: Row, now: Date): Promise<boolean> {
    if (now.getTime() - row.claimed_at.getTime() < abandonedAfter) return false;
    const [taken]: [unknown[]] = await this.database.query(
      `UPDATE idempotency_key SET attempt = $3, claimed_at = $4
       WHERE principal = $1 AND key = $2 AND status IS NULL AND claimed_at = $5 RETURNING key`,
      [claim.principal, claim.key, claim.attempt, now, row.claimed_at],
    );
    return taken.length > 0;
  }

  /** Stores the answer, inside the caller's transaction where one is given; an attempt that lost its claim fails. */
  async keep(claim: IdempotentClaim, answer: StoredAnswer, manager?: EntityManager): Promise<void> {
    const [kept]: [unknown[]] = await (manager ?? this.database).query(
      `UPDATE idempotency_key SET status = $4, body = $5
       WHERE principal = $1 AND key = $2 AND attempt = $3 AND status IS NULL RETURNING key`,
      [claim.principal, claim.key, claim.attempt, answer.status, JSON.stringify(answer.body ?? null)],
    );
    if (kept.length === 0) throw new Refusal('request_in_progress', undefined, { retryAfterSeconds: 1 });
    if (manager) claim.stored = true;
  }

  /** Gives the key up, for a request that failed through no fault of its caller. */
  async release(claim: IdempotentClaim): Promise<void> {
    await this.database.query(
      'DELETE FROM idempotency_key WHERE principal = $1 AND key = $2 AND attempt = $3 AND status IS NULL',
      [claim.principal, claim.key, claim.attempt],
    );
  }
}

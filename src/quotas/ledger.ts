import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { newId } from '../kernel/ids.js';
import { writeBuckets } from './buckets.js';
import { Entry, HeldWindow } from './held-window.js';
import { WindowIdentity, windowKey } from './windows.js';

function differs(held: HeldWindow, { hard, endsAt, limit }: WindowIdentity): boolean {
  return held.limit !== limit || held.hard !== hard || held.endsAt.getTime() !== endsAt.getTime();
}

/** How many windows' ids are remembered; ids never change, so forgetting them costs a query and nothing else. */
const rememberedMax = 100_000;

/** The quota ledger. PostgreSQL is the only one: every count that matters is a row here. */
@Injectable()
export class Ledger {
  private readonly known = new Map<string, string>();

  /** The ids of windows, keyed as `windowKey` says; those that nobody used before are opened. */
  async locate(manager: EntityManager, wanted: readonly WindowIdentity[], at: Date): Promise<Map<string, string>> {
    const distinct = new Map(wanted.map((window) => [windowKey(window), window]));
    const unknown = [...distinct].filter(([key]) => !this.known.has(key)).map(([, window]) => window);
    const opened = unknown.length > 0 ? await this.find(manager, unknown, at) : new Map<string, string>();
    return new Map([...distinct.keys()].map((key) => [key, (this.known.get(key) ?? opened.get(key))!]));
  }

  /** Remembers the ids of windows whose rows are committed. */
  remember(windows: Iterable<readonly [id: string, WindowIdentity]>): void {
    if (this.known.size >= rememberedMax) this.known.clear();
    for (const [id, window] of windows) this.known.set(windowKey(window), id);
  }

  /** The id of a window; null where it is not remembered. */
  idOf(window: WindowIdentity): string | null {
    return this.known.get(windowKey(window)) ?? null;
  }

  /** Locks windows until the transaction ends, always in the order of their ids, so that nobody waits in a circle. */
  async hold(manager: EntityManager, ids: Iterable<string>): Promise<Map<string, HeldWindow>> {
    const distinct = [...new Set(ids)];
    if (distinct.length === 0) return new Map();
    const rows: HeldWindow[] = await manager.query(
      `SELECT id, quota_id AS "quotaId", metric, currency, unit,
         counted_from AS "countedFrom", ends_at AS "endsAt", hard, "limit", "limit" - leased - used - overrun AS room
       FROM quota_window WHERE id = ANY($1) ORDER BY id FOR UPDATE`,
      [distinct],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /**
   * Brings held windows to the quotas that hold now: an amendment may raise or lower a limit, or move the end of the
   * term, while a window is open. What was granted stands, so the row of a hard window keeps room for it; what is left
   * is reckoned from the new limit, and may be less than nothing.
   */
  async conform(manager: EntityManager, held: Map<string, HeldWindow>, wanted: ReadonlyMap<string, WindowIdentity>) {
    const changed = [...wanted].filter(([id, quota]) => differs(held.get(id)!, quota));
    if (changed.length === 0) return;
    await manager.query(
      `UPDATE quota_window q SET hard = w.hard, ends_at = w.ends_at,
         "limit" = CASE WHEN w.hard THEN greatest(w."limit", q.leased + q.used) ELSE w."limit" END
       FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[], $4::bigint[]) AS w (id, hard, ends_at, "limit")
       WHERE q.id = w.id`,
      [
        changed.map(([id]) => id),
        changed.map(([, quota]) => quota.hard),
        changed.map(([, quota]) => quota.endsAt),
        changed.map(([, quota]) => quota.limit),
      ],
    );
    for (const [id, { hard, endsAt, limit }] of changed) {
      const window = held.get(id)!;
      Object.assign(window, { hard, endsAt, limit, room: window.room + limit - window.limit });
    }
  }

  /**
   * Writes entries, many in one statement. Use beyond the room of a hard window goes to its overrun, and comes back
   * from there as soon as reservations end with less than they reserved: used + overrun is always what was reported
   * or is assumed.
   * What has slid out of a window changes its bucket alone.
   */
  async write(manager: EntityManager, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    await writeBuckets(manager, entries);
    await manager.query(
      `UPDATE quota_window q SET
         leased = q.leased + e.leased,
         used = CASE WHEN q.hard THEN least(q."limit" - q.leased - e.leased, q.used + q.overrun + e.used)
                ELSE q.used + q.overrun + e.used END,
         overrun = CASE WHEN q.hard THEN greatest(0, q.used + q.overrun + e.used - (q."limit" - q.leased - e.leased))
                   ELSE 0 END,
         assumed = q.assumed + e.assumed,
         unpriced = q.unpriced + e.unpriced
       FROM (SELECT e.id, sum(e.leased)::bigint AS leased, sum(e.used)::bigint AS used,
               sum(e.assumed)::bigint AS assumed, sum(e.unpriced)::bigint AS unpriced
             FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[])
               AS e (id, leased, used, unpriced, bucket, assumed)
             JOIN quota_window w ON w.id = e.id AND (e.bucket IS NULL OR e.bucket >= w.counted_from)
             GROUP BY e.id) e
       WHERE q.id = e.id`,
      [
        entries.map((e) => e.windowId),
        entries.map((e) => e.leased),
        entries.map((e) => e.used),
        entries.map((e) => e.unpriced ?? 0),
        entries.map((e) => e.bucket ?? null),
        entries.map((e) => e.assumed ?? 0),
      ],
    );
  }

  private async find(manager: EntityManager, windows: readonly WindowIdentity[], at: Date) {
    const committed = await this.select(manager, windows);
    // Only rows that others committed are remembered: those opened below vanish if this transaction is rolled back.
    if (this.known.size + committed.size > rememberedMax) this.known.clear();
    for (const [key, id] of committed) this.known.set(key, id);
    const missing = windows.filter((window) => !committed.has(windowKey(window)));
    if (missing.length === 0) return committed;
    await this.open(manager, missing, at);
    return new Map([...committed, ...(await this.select(manager, missing))]);
  }

  private async select(manager: EntityManager, windows: readonly WindowIdentity[]): Promise<Map<string, string>> {
    const rows: (Parameters<typeof windowKey>[0] & { id: string })[] = await manager.query(
      `SELECT id, agreement_id AS "agreementId", quota_id AS "quotaId", subject, measure,
       starts_at AS "startsAt"
       FROM quota_window
       WHERE (agreement_id, quota_id, subject, measure, starts_at) IN
         (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]))`,
      [
        windows.map((w) => w.agreementId),
        windows.map((w) => w.quotaId),
        windows.map((w) => w.subject),
        windows.map((w) => w.measure),
        windows.map((w) => w.startsAt),
      ],
    );
    return new Map(rows.map((row) => [windowKey(row), row.id]));
  }

  private async open(manager: EntityManager, wanted: readonly WindowIdentity[], at: Date): Promise<void> {
    const windows = wanted.toSorted((one, other) => (windowKey(one) < windowKey(other) ? -1 : 1));
    await manager.query(
      `INSERT INTO quota_window (id, organisation_id, agreement_id, quota_id, metric, currency, measure, subject,
         starts_at, ends_at, hard, "limit", unit, counted_from)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
         $8::text[], $9::timestamptz[], $10::timestamptz[], $11::boolean[], $12::bigint[],
         $13::text[], $14::timestamptz[])
       ON CONFLICT (agreement_id, quota_id, subject, measure, starts_at) DO NOTHING`,
      [
        windows.map(() => newId(at)),
        windows.map((w) => w.organisationId),
        windows.map((w) => w.agreementId),
        windows.map((w) => w.quotaId),
        windows.map((w) => w.metric),
        windows.map((w) => w.currency),
        windows.map((w) => w.measure),
        windows.map((w) => w.subject),
        windows.map((w) => w.startsAt),
        windows.map((w) => w.endsAt),
        windows.map((w) => w.hard),
        windows.map((w) => w.limit),
        windows.map((w) => w.rolling?.unit ?? null),
        windows.map((w) => w.rolling?.countedFrom ?? null),
      ],
    );
  }
}

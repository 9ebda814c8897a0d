import { EntityManager } from 'typeorm';
import { Lent, lentSql } from './leases/lent.js';
import { WindowIdentity, windowKey } from './windows.js';

/** A window that counts a use, with what the ledger holds of it; counts are in units of its metric. */
export interface WindowRoom extends WindowIdentity, Lent {
  /** Reserved by admissions whose use is not reported yet. */
  leased: number;
  /** Used, as reported or assumed. */
  used: number;
  /** Used beyond a hard limit. */
  overrun: number;
  /** Of what was used, what is assumed because nothing was reported. */
  assumed: number;
  /**
   * What nobody holds under the limit that the terms set now; what is lent to nodes is not in it. Less than nothing where
   * an amendment took away what was used.
   */
  room: number;
}

type Counts = Pick<WindowRoom, 'leased' | 'used' | 'overrun' | 'assumed' | keyof Lent>;
type Stored = Parameters<typeof windowKey>[0] & Counts & { id: string; countedFrom: Date | null };

const untouched: Counts = { leased: 0, lent: 0, quarantined: 0, used: 0, overrun: 0, assumed: 0 };

/**
 * Looks into windows, keyed as `windowKey` says, without locking or opening any: what nobody used yet has its whole
 * limit. It is for telling people; an admission must hold the windows that it decides on.
 */
export async function readRooms(
  manager: EntityManager,
  wanted: readonly WindowIdentity[],
): Promise<Map<string, WindowRoom>> {
  const distinct = new Map(wanted.map((window) => [windowKey(window), window]));
  const counts = distinct.size > 0 ? await readCounts(manager, [...distinct.values()]) : new Map<string, Counts>();
  return new Map(
    [...distinct].map(([key, window]) => {
      const { leased, lent, quarantined, used, overrun, assumed } = counts.get(key) ?? untouched;
      const room = window.limit - leased - lent - quarantined - used - overrun;
      return [key, { ...window, leased, lent, quarantined, used, overrun, assumed, room }];
    }),
  );
}

/** What is left in each quota: where several windows count a use, the least of them. */
export function leastRooms(windows: readonly Pick<WindowRoom, 'quotaId' | 'room'>[]): Map<string, number> {
  const least = new Map<string, number>();
  for (const { quotaId, room } of windows) least.set(quotaId, Math.min(room, least.get(quotaId) ?? room));
  return least;
}

async function readCounts(manager: EntityManager, windows: readonly WindowIdentity[]): Promise<Map<string, Counts>> {
  const rows: Stored[] = await manager.query(
    `SELECT id, counted_from AS "countedFrom", agreement_id AS "agreementId", quota_id AS "quotaId", subject, measure,
       starts_at AS "startsAt", leased - lent - quarantined AS leased, lent, quarantined, used, overrun, assumed
     FROM quota_window w CROSS JOIN ${lentSql}
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
  const byKey = new Map<string, Counts>(rows.map((row) => [windowKey(row), row]));
  for (const [key, counts] of await slidSoFar(manager, rows, windows)) byKey.set(key, counts);
  return byKey;
}

/** What windows that slide hold by now: whoever only looks takes nothing off their rows. */
async function slidSoFar(manager: EntityManager, rows: readonly Stored[], windows: readonly WindowIdentity[]) {
  const wanted = new Map(windows.map((window) => [windowKey(window), window]));
  const sliding = rows.flatMap((row) => {
    const window = wanted.get(windowKey(row))!;
    return row.countedFrom && window.rolling ? [{ row, window, from: window.rolling.countedFrom }] : [];
  });
  if (sliding.length === 0) return new Map<string, Counts>();
  const sums: { id: string; leased: number; used: number; assumed: number }[] = await manager.query(
    `SELECT s.id, coalesce(sum(b.leased), 0)::bigint AS leased, coalesce(sum(b.used), 0)::bigint AS used,
       coalesce(sum(b.assumed), 0)::bigint AS assumed
     FROM unnest($1::uuid[], $2::timestamptz[]) AS s (id, "from") JOIN quota_window w ON w.id = s.id
     LEFT JOIN quota_bucket b ON b.window_id = s.id AND b.starts_at >= greatest(s."from", w.counted_from) GROUP BY s.id`,
    [sliding.map(({ row }) => row.id), sliding.map(({ from }) => from)],
  );
  const byId = new Map(sums.map((sum) => [sum.id, sum]));
  return new Map(
    sliding.map(({ row, window: { hard, limit } }) => {
      const { leased, used: all, assumed } = byId.get(row.id)!;
      const used = hard ? Math.min(Math.max(0, limit - leased), all) : all;
      // What slides is counted by the moment, so none of it is ever lent.
      return [windowKey(row), { ...untouched, leased, used, overrun: all - used, assumed }];
    }),
  );
}

import { EntityManager } from 'typeorm';
import { Entry, HeldWindow } from './held-window.js';
import { countedFrom, newestBucket } from './rolling.js';

/**
 * Brings held windows that slide to an instant: what has slid out of them is taken off their rows. The instant at which
 * this transaction counts is given back. It is never before one at which any of these windows was counted already, for
 * what has slid out once, by the clock of a node that is ahead, would be missing from the sum.
 */
export async function slide(manager: EntityManager, held: ReadonlyMap<string, HeldWindow>, at: Date): Promise<Date> {
  const sliding = [...held.values()].flatMap(({ id, unit, countedFrom: from }) =>
    unit && from ? [{ id, unit, from }] : [],
  );
  const countedAt = new Date(Math.max(+at, ...sliding.map(({ unit, from }) => +newestBucket(unit, from))));
  const behind = sliding
    .map((window) => ({ ...window, to: countedFrom(window.unit, countedAt) }))
    .filter(({ from, to }) => from < to);
  if (behind.length === 0) return countedAt;
  const rows: { id: string; room: number }[] = await manager.query(
    `WITH gone AS (
       SELECT s.id, s."to", coalesce(sum(b.leased), 0)::bigint AS leased, coalesce(sum(b.used), 0)::bigint AS used,
         coalesce(sum(b.assumed), 0)::bigint AS assumed
       FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS s (id, "from", "to")
       LEFT JOIN quota_bucket b ON b.window_id = s.id AND b.starts_at >= s."from" AND b.starts_at < s."to"
       GROUP BY s.id, s."to"),
     slid AS (
       UPDATE quota_window q SET counted_from = g."to", leased = q.leased - g.leased,
         assumed = q.assumed - g.assumed,
         used = CASE WHEN q.hard THEN least(q."limit" - q.leased + g.leased, q.used + q.overrun - g.used)
                ELSE q.used - g.used END,
         overrun = CASE WHEN q.hard
                   THEN greatest(0, q.used + q.overrun - g.used - (q."limit" - q.leased + g.leased)) ELSE 0 END
       FROM gone g WHERE q.id = g.id RETURNING q.id, q."limit" - q.leased - q.used - q.overrun AS room)
     SELECT id, room FROM slid`,
    [behind.map(({ id }) => id), behind.map(({ from }) => from), behind.map(({ to }) => to)],
  );
  for (const { id, room } of rows) held.get(id)!.room = room;
  for (const { id, to } of behind) held.get(id)!.countedFrom = to;
  return countedAt;
}

/** Writes entries to the buckets of the windows that slide. */
export async function writeBuckets(manager: EntityManager, entries: readonly Entry[]): Promise<void> {
  const bucketed = entries.filter(({ bucket }) => bucket);
  if (bucketed.length === 0) return;
  // Opened empty first: a proposed row is held to its checks before it is known to be there already.
  await manager.query(
    `INSERT INTO quota_bucket (window_id, starts_at)
     SELECT DISTINCT * FROM unnest($1::uuid[], $2::timestamptz[]) ON CONFLICT DO NOTHING`,
    [bucketed.map((e) => e.windowId), bucketed.map((e) => e.bucket)],
  );
  await manager.query(
    `UPDATE quota_bucket b SET leased = b.leased + e.leased, used = b.used + e.used, assumed = b.assumed + e.assumed
     FROM (SELECT window_id, starts_at, sum(leased)::bigint AS leased, sum(used)::bigint AS used,
             sum(assumed)::bigint AS assumed
           FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[])
             AS e (window_id, starts_at, leased, used, assumed) GROUP BY 1, 2) e
     WHERE b.window_id = e.window_id AND b.starts_at = e.starts_at`,
    [
      bucketed.map((e) => e.windowId),
      bucketed.map((e) => e.bucket),
      bucketed.map((e) => e.leased),
      bucketed.map((e) => e.used),
      bucketed.map((e) => e.assumed ?? 0),
    ],
  );
}

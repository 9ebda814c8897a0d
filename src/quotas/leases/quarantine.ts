import { EntityManager } from 'typeorm';

/** How long after its end a lease is waited for (seconds, by the clock of the database). */
const graceSeconds = 5;

/**
 * Quarantines leases whose node was not heard of in time: nobody knows whether what is left of them was used, so it goes
 * on counting as spent. A lease of which nothing is left is closed instead, for there is nothing to know; so is one in
 * quarantine as soon as decisions account for all of it. The windows are untouched: no count changes here. A lease that
 * somebody holds at this moment is left for the next look, so nobody waits. Returns how many leases it changed.
 */
export async function quarantineExpired(manager: EntityManager): Promise<number> {
  const [, changed]: [unknown, number] = await manager.query(
    `WITH late AS (
       SELECT id FROM quota_lease
       WHERE state <> 'closed' AND (state = 'quarantined' AND spent = granted
         OR state = 'open' AND expires_at < clock_timestamp() - make_interval(secs => $1))
       ORDER BY id FOR UPDATE SKIP LOCKED)
     UPDATE quota_lease l SET
       state = CASE WHEN l.spent = l.granted THEN 'closed' ELSE 'quarantined' END,
       closed_at = CASE WHEN l.spent = l.granted THEN clock_timestamp() END,
       quarantined_at = CASE WHEN l.spent = l.granted THEN l.quarantined_at ELSE clock_timestamp() END
     FROM late WHERE l.id = late.id`,
    [graceSeconds],
  );
  return changed;
}

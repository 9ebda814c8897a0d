import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Clock, second } from '../../kernel/clock.js';
import { newId } from '../../kernel/ids.js';
import { WindowIdentity } from '../windows.js';

/** How long a lease is used unless it is renewed, in milliseconds. */
export const leaseLifetime = 5 * second;

/** What a node wants to hold more of one window. */
export interface Want {
  windowId: string;
  /** How the terms bound the window now; a row that says otherwise is left to exact admission, which conforms it. */
  quota: Pick<WindowIdentity, 'hard' | 'limit' | 'endsAt'>;
  /** What it has left of it. */
  held: number;
  /** How much more; nothing only renews. */
  amount: number;
  /** Less than this is of no use: no question asks for less. */
  least: number;
}

/** What a node was granted. */
export interface Grant {
  windowId: string;
  /** The lease that holds it; null where nothing was granted and there was none to renew. */
  leaseId: string | null;
  granted: number;
  /** What was left in the window after it. */
  room: number;
}

/** What a window got back. */
export interface TakenBack {
  windowId: string;
  amount: number;
}

/** Lends parts of windows to nodes. Windows are locked before leases, and both in the order of their ids. */
@Injectable()
export class LeaseLedger {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * Grants more of windows to a node and renews what it holds of them, in one statement. Of a hard window nobody comes
   * to hold more than its share of what is left: a quarter of it, divided among the nodes that live. So what nodes hold
   * unspent is at most a quarter of what was left when they got it, and goes to nothing with what is left.
   */
  async grant(to: { nodeId: string; nodes: number }, wants: readonly Want[]): Promise<Grant[]> {
    if (wants.length === 0) return [];
    const now = this.clock.now();
    return this.database.query(grantSql, [
      wants.map(({ windowId }) => windowId),
      wants.map(({ quota }) => quota.hard),
      wants.map(({ quota }) => quota.limit),
      wants.map(({ quota }) => quota.endsAt),
      wants.map(({ held }) => held),
      wants.map(({ amount }) => amount),
      wants.map(({ least }) => least),
      wants.map(() => newId(now)),
      to.nodeId,
      Math.max(1, to.nodes),
      leaseLifetime,
    ]);
  }

  /**
   * Gives back what is left of leases. It must be called after all that was spent of them is written down, for what is
   * not is given to others. A lease that is closed already is left as it is, so it may be called again after a failure.
   */
  async giveBack(leaseIds: readonly string[]): Promise<void> {
    if (leaseIds.length > 0) await this.database.query(giveBackSql, [leaseIds]);
  }

  /**
   * Gives windows that the transaction holds some of what leases have left of them; a lease that is closed has nothing.
   * What each window got is told.
   */
  async takeBack(manager: EntityManager, from: readonly { leaseId: string; amount: number }[]): Promise<TakenBack[]> {
    if (from.length === 0) return [];
    return manager.query(takeBackSql, [from.map(({ leaseId }) => leaseId), from.map(({ amount }) => amount)]);
  }

  /** Holds leases until the transaction ends, and tells which of them are not closed. */
  async hold(manager: EntityManager, leaseIds: Iterable<string>): Promise<Set<string>> {
    const distinct = [...new Set(leaseIds)];
    if (distinct.length === 0) return new Set();
    const rows: { id: string; state: string }[] = await manager.query(
      'SELECT id, state FROM quota_lease WHERE id = ANY($1) ORDER BY id FOR UPDATE',
      [distinct],
    );
    return new Set(rows.filter(({ state }) => state !== 'closed').map(({ id }) => id));
  }

  /** Adds what decisions reserved to held leases; they reserve it themselves from now on. */
  async charge(manager: EntityManager, spent: ReadonlyMap<string, number>): Promise<void> {
    if (spent.size === 0) return;
    await manager.query(
      `UPDATE quota_lease l SET spent = l.spent + s.spent
       FROM unnest($1::uuid[], $2::bigint[]) AS s (id, spent) WHERE l.id = s.id`,
      [[...spent.keys()], [...spent.values()]],
    );
  }
}

const grantSql = `
  WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::boolean[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[],
      $8::uuid[]) AS w (id, hard, "limit", ends_at, held, amount, least, lease_id)),
  held AS (
    SELECT q.id, q.organisation_id, q.hard, w.held, w.amount, w.least, w.lease_id,
      q."limit" - q.leased - q.used - q.overrun AS room,
      q.hard = w.hard AND q."limit" = w."limit" AND q.ends_at = w.ends_at AND q.unit IS NULL AS conforms
    FROM quota_window q JOIN wanted w ON w.id = q.id ORDER BY q.id FOR UPDATE OF q),
  capped AS (
    SELECT *, CASE WHEN NOT conforms THEN 0 WHEN hard THEN least(amount, greatest(0, room / (4 * $10::bigint) - held))
              ELSE amount END AS cap FROM held),
  sized AS (SELECT *, CASE WHEN cap < least THEN 0 ELSE cap END AS granted FROM capped),
  lent AS (
    UPDATE quota_window q SET leased = q.leased + s.granted FROM sized s WHERE q.id = s.id AND s.granted > 0),
  held_leases AS (
    SELECT l.id, s.granted FROM quota_lease l JOIN sized s ON s.id = l.window_id
    WHERE l.node_id = $9 AND l.state = 'open' ORDER BY l.id FOR UPDATE OF l),
  renewed AS (
    UPDATE quota_lease l SET granted = l.granted + h.granted,
      expires_at = clock_timestamp() + $11::int * interval '1 millisecond'
    FROM held_leases h WHERE l.id = h.id RETURNING l.id, l.window_id),
  opened AS (
    INSERT INTO quota_lease (id, window_id, organisation_id, node_id, granted, opened_at, expires_at)
    SELECT lease_id, id, organisation_id, $9, granted, clock_timestamp(),
      clock_timestamp() + $11::int * interval '1 millisecond'
    FROM sized WHERE granted > 0 AND id NOT IN (SELECT window_id FROM renewed)
    RETURNING id, window_id)
  SELECT s.id AS "windowId", coalesce(r.id, o.id) AS "leaseId", s.granted::bigint AS granted,
    (s.room - s.granted)::bigint AS room
  FROM sized s LEFT JOIN renewed r ON r.window_id = s.id LEFT JOIN opened o ON o.window_id = s.id`;

const takeBackSql = `
  WITH held AS (
    SELECT l.id, t.amount FROM quota_lease l JOIN unnest($1::uuid[], $2::bigint[]) AS t (id, amount) ON t.id = l.id
    WHERE l.state <> 'closed' ORDER BY l.id FOR UPDATE OF l),
  shrunk AS (
    UPDATE quota_lease l SET granted = l.granted - h.amount FROM held h WHERE l.id = h.id
    RETURNING l.window_id, h.amount),
  widened AS (
    UPDATE quota_window q SET leased = q.leased - s.amount FROM shrunk s WHERE q.id = s.window_id)
  SELECT window_id AS "windowId", amount::bigint AS amount FROM shrunk`;

const giveBackSql = `
  WITH held AS (
    SELECT q.id FROM quota_window q WHERE q.id IN (SELECT window_id FROM quota_lease WHERE id = ANY($1::uuid[]))
    ORDER BY q.id FOR UPDATE),
  closing AS (
    SELECT l.id, l.window_id, l.granted - l.spent AS unspent FROM quota_lease l
    WHERE l.id = ANY($1) AND l.state <> 'closed' AND l.window_id IN (SELECT id FROM held)
    ORDER BY l.id FOR UPDATE),
  closed AS (
    UPDATE quota_lease l SET state = 'closed', closed_at = clock_timestamp() FROM closing c WHERE l.id = c.id)
  UPDATE quota_window q SET leased = q.leased - g.unspent,
    -- What was used beyond the limit moves into the room that this makes, as it does when a reservation ends.
    used = CASE WHEN q.hard THEN least(q."limit" - q.leased + g.unspent, q.used + q.overrun)
           ELSE q.used + q.overrun END,
    overrun = CASE WHEN q.hard THEN greatest(0, q.used + q.overrun - (q."limit" - q.leased + g.unspent)) ELSE 0 END
  FROM (SELECT window_id, sum(unspent)::bigint AS unspent FROM closing GROUP BY window_id) g WHERE q.id = g.window_id`;

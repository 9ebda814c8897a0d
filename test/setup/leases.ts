import { randomUUID } from 'node:crypto';
import { UnaccountedLeases } from '../../src/findings/unaccounted/unaccounted-leases.service.js';
import { newId } from '../../src/kernel/ids.js';
import { decide } from './desk.js';
import { Given } from './given.js';
import { Stage } from './stage.js';

/** A lease as it is really stored, with what its window holds. */
export interface StoredLease {
  state: string;
  granted: number;
  spent: number;
  /** All that is reserved in the window and lent of it. */
  leased: number;
}

/** What to lend of a window, and for how many seconds; less than none is over since. */
interface Loan {
  windowId: string;
  granted: number;
  spent?: number;
  forSeconds?: number;
}

/** A gateway node that is heard of no more. */
export async function lostNode({ sql }: Stage): Promise<string> {
  const id = randomUUID();
  await sql(
    `INSERT INTO gateway_node (id, name, started_at, seen_at, position) VALUES ($1, 'a node of the tests', now(), now(), 0)`,
    [id],
  );
  return id;
}

/** Lends a part of a window to a node, as the grant of a node does; the lease's id. */
export async function lend({ sql }: Stage, nodeId: string, loan: Loan): Promise<string> {
  const { windowId, granted, spent = 0, forSeconds = 3_600 } = loan;
  const id = newId(new Date());
  await sql(
    `WITH lent AS (UPDATE quota_window SET leased = leased + $3 WHERE id = $2 RETURNING id, organisation_id)
     INSERT INTO quota_lease (id, window_id, organisation_id, node_id, granted, spent, opened_at, expires_at)
     SELECT $1, id, organisation_id, $4, $3, $5, now(), now() + make_interval(secs => $6) FROM lent`,
    [id, windowId, granted, nodeId, spent, forSeconds],
  );
  return id;
}

/** What a journal of the node does when it writes a decision: it takes of the lease; whether it could. */
export async function spend({ sql }: Stage, leaseId: string, amount: number): Promise<boolean> {
  const rows = await sql(`UPDATE quota_lease SET spent = spent + $2 WHERE id = $1 AND state <> 'closed' RETURNING id`, [
    leaseId,
    amount,
  ]);
  return rows.length === 1;
}

/** A lease and its window, read behind the application's back. */
export async function leaseIn({ sql }: Stage, leaseId: string): Promise<StoredLease> {
  const [row] = await sql<{ [Name in keyof StoredLease]: string }>(
    `SELECT l.state, l.granted, l.spent, w.leased FROM quota_lease l JOIN quota_window w ON w.id = l.window_id
     WHERE l.id = $1`,
    [leaseId],
  );
  const { state, granted, spent, leased } = row!;
  return { state, granted: Number(granted), spent: Number(spent), leased: Number(leased) };
}

/** The id of the newest window of a quota under the agreement of a story. */
export async function windowOf({ stage, agreementId }: Given, quota: string): Promise<string> {
  const rows = await stage.sql<{ id: string }>(
    'SELECT id FROM quota_window WHERE agreement_id = $1 AND quota_id = $2 ORDER BY starts_at DESC LIMIT 1',
    [agreementId, quota],
  );
  return rows[0]!.id;
}

/** A lease in quarantine, of a window that an admission has opened. */
export async function quarantinedLease(story: Given): Promise<string> {
  const { stage } = story;
  await decide(story, story.keys[0]!);
  const windowId = await windowOf(story, 'code-requests-daily');
  const id = await lend(stage, await lostNode(stage), { windowId, granted: 5, forSeconds: -6 });
  await stage.app.get(UnaccountedLeases).look();
  return id;
}

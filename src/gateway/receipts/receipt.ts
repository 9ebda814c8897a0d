import { freshFor } from '../snapshot/freshness.js';

/** A change in the log, by the clock of the database. */
export interface LoggedChange {
  seq: number;
  committedAt: Date;
}

/** What the database knows of one node and a change, by its own clock. */
export interface NodeState {
  id: string;
  name: string;
  /** When the database last took note of the node. */
  seenAt: Date;
  /** By when the node had applied the change; null where it has not said so. */
  appliedAt: Date | null;
}

/** Where a change is in force. */
export interface Receipt extends LoggedChange {
  nodes: { id: string; name: string | null; appliedAt: Date | null; freshUntil: Date }[];
  /** Since when, at the latest, no node decides without the change; null where that is not certain yet. */
  effectiveEverywhereAt: Date | null;
}

/**
 * The receipt of a change, as things stand at an instant of the database's clock. Pure.
 *
 * Why a node that has not applied the change decides nothing after `seenAt + 5 s`. Let the node's last question that
 * was answered without the change be sent at S. It decides until S + 5 s. The database notes the node (`seenAt`) when
 * the question has come to it, which is not before it was sent: S <= seenAt, so S + 5 s <= seenAt + 5 s. The error is on
 * the safe side, and no clock of one machine is compared with that of another. The note is committed before the changes
 * are read; so if the change was not among them, the note was there before the change could be seen, and whoever reads
 * the receipt, for which the change must be seen, sees that note or a later one. If the answer is lost on its way back, the
 * node goes by an earlier S, and refuses earlier still.
 *
 * The same inequality bounds every node by the first that applied: at that instant the change was there to be read, so
 * whoever asked later was told of it, and whoever was not told asked earlier, and refuses five seconds after it. So a node
 * that was cut off for an hour and applies the change then does not make it any later.
 */
export function receiptOf(change: LoggedChange, states: readonly NodeState[], at: Date): Receipt {
  const nodes = states.map(({ seenAt, ...node }) => ({ ...node, freshUntil: after(seenAt) }));
  const applied = nodes.flatMap(({ appliedAt }) => appliedAt?.getTime() ?? []);
  const latest = applied.length === 0 ? Infinity : Math.min(...applied) + freshFor;
  const ends = nodes.map(({ appliedAt, freshUntil }) => Math.min((appliedAt ?? freshUntil).getTime(), latest));
  const end = Math.max(change.committedAt.getTime(), ...ends);
  return { ...change, nodes, effectiveEverywhereAt: end <= at.getTime() ? new Date(end) : null };
}

function after(seenAt: Date): Date {
  return new Date(seenAt.getTime() + freshFor);
}

import { Injectable } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { second } from '../../kernel/clock.js';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';
import { freshFor } from '../snapshot/freshness.js';
import { LoggedChange, NodeState, Receipt, receiptOf } from './receipt.js';

/** The longest that a request waits for the nodes: their freshness, and two looks of theirs at the log. */
export const waitMax = freshFor + 2 * second;

/** The first and the longest pause between two looks at what the nodes have confirmed, in milliseconds. */
const pauseMin = 5;
const pauseMax = 200;

const newestSql = `
  SELECT seq FROM change_log WHERE $1::uuid IS NULL OR organisation_id = $1 ORDER BY seq DESC LIMIT 1`;

/** PostgreSQL counts microseconds, a receipt milliseconds: what must not be told too early is rounded up. */
const roundedUp = (instant: string) => `date_trunc('milliseconds', ${instant} + interval '999 microseconds')`;

/**
 * A change and the nodes that could have decided without it when it was committed. Left out is a node whose freshness had
 * ended by then, which must hear of the change before it decides again, and one that started later and held the change
 * in its first copy. One that has stopped in order since is there, for until then it decided.
 */
const receiptSql = `
  SELECT c.seq, c.at AS "committedAt", clock_timestamp() AS now, n.id, n.name, ${roundedUp('n.seen_at')} AS "seenAt",
    ${roundedUp('coalesce(r.applied_at, CASE WHEN n.position >= c.seq THEN n.seen_at END)')} AS "appliedAt"
  FROM change_log c
  LEFT JOIN gateway_node n ON coalesce(n.left_at, 'infinity') >= c.at AND n.seen_at + $3::integer * interval '1 millisecond' >= c.at AND NOT (
    n.started_at > c.at AND c.seq <= coalesce((SELECT min(position) FROM node_receipt WHERE node_id = n.id), -1))
  LEFT JOIN LATERAL (
    SELECT applied_at FROM node_receipt WHERE node_id = n.id AND position >= c.seq ORDER BY position LIMIT 1
  ) r ON true
  WHERE c.seq = $1 AND ($2::uuid IS NULL OR c.organisation_id = $2)
  ORDER BY n.started_at, n.id`;

/** One node of the answer; all null where there is none. */
interface Row extends LoggedChange, NodeState {
  now: Date;
}

/** Tells on which gateway nodes a change is in force. */
@Injectable()
export class Receipts {
  constructor(private readonly database: DataSource) {}

  /**
   * The number under which somebody finds the receipt of a change that they have just made: of the newest change that they
   * may see. Theirs is that one or an earlier one, and a receipt covers every change before it; so it may say too little
   * for a moment, but never too much. Null where nothing was ever changed.
   */
  async newest(actor: Actor): Promise<number | null> {
    const rows: { seq: number }[] = await this.database.query(newestSql, [boundOf(actor)]);
    return rows[0] ? rows[0].seq : null;
  }

  /** The receipt as things stand. Of a change of another organisation there is none for a partner. */
  async find(actor: Actor, seq: number): Promise<Receipt> {
    const rows: Row[] = await this.database.query(receiptSql, [seq, boundOf(actor), freshFor]);
    const [first] = rows;
    if (!first) throw new Refusal('not_found');
    const nodes = rows.flatMap(({ id, name, seenAt, appliedAt }) =>
      id === null ? [] : [{ id, name, seenAt, appliedAt }],
    );
    const change = { seq: first.seq, committedAt: first.committedAt };
    const receipt = receiptOf(change, nodes, first.now);
    return actor.side === 'partner' ? withoutNames(receipt) : receipt;
  }

  /**
   * The receipt, once no live node decides without the change any more. It holds no connection while it waits, and comes
   * unfinished after `waitMax`.
   */
  async whenEverywhere(actor: Actor, seq: number): Promise<Receipt> {
    const begun = performance.now();
    for (let pause = pauseMin; ; pause = Math.min(2 * pause, pauseMax)) {
      const receipt = await this.find(actor, seq);
      if (receipt.effectiveEverywhereAt !== null || performance.now() - begun > waitMax) return receipt;
      await setTimeout(pause);
    }
  }
}

/** The organisation to which an actor is held; null for the lab. */
function boundOf({ side, organisationId }: Actor): string | null {
  return side === 'partner' ? organisationId : null;
}

/** The ids of nodes say nothing; the names of the lab's machines are no partner's business. */
function withoutNames({ nodes, ...receipt }: Receipt): Receipt {
  return { ...receipt, nodes: nodes.map((node) => ({ ...node, name: null })) };
}

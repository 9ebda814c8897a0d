import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeState, receiptOf } from '../../src/gateway/receipts/receipt.js';
import { freshFor } from '../../src/gateway/snapshot/freshness.js';

const committed = 100_000;
const change = { seq: 7, committedAt: new Date(committed) };

/** One question of a node for changes, in milliseconds. */
interface Sync {
  sent: number;
  /** When the database took note of the node. */
  seen: number;
  /** When it read the changes, after the note was committed. */
  read: number;
  /** When the answer was there; null where it was lost. */
  answered: number | null;
}

/** A node with whatever became of its questions, in any order: connections are lost, and answers come late. */
interface Life {
  syncs: Sync[];
  /** How long it takes to confirm what it applied; null where it never can. */
  confirms: number | null;
}

const delay = fc.integer({ min: 0, max: 4_000 });
const sync = fc
  .record({
    sent: fc.integer({ min: committed - 12_000, max: committed + 12_000 }),
    toSeen: delay,
    toRead: delay,
    toAnswer: fc.option(delay, { freq: 4 }),
  })
  .map(({ sent, toSeen, toRead, toAnswer }): Sync => {
    const read = sent + toSeen + toRead;
    return { sent, seen: sent + toSeen, read, answered: toAnswer === null ? null : read + toAnswer };
  });
const life: fc.Arbitrary<Life> = fc.record({
  syncs: fc.array(sync, { minLength: 1, maxLength: 8 }),
  confirms: fc.option(fc.integer({ min: 0, max: 500 }), { freq: 4 }),
});

/** When a node has applied the change: with the first answer that was read when it was there. */
function appliedBy({ syncs }: Life): number {
  return Math.min(...syncs.map(({ read, answered }) => (answered !== null && read >= committed ? answered : Infinity)));
}

/** The last instant at which a node decided without the change; before all time where it never did. */
function lastWithout(one: Life): number {
  const ends = one.syncs.flatMap(({ sent, read, answered }) => {
    if (answered === null || read >= committed) return [];
    const end = Math.min(sent + freshFor, appliedBy(one));
    return answered <= end ? [end] : [];
  });
  return Math.max(-Infinity, ...ends);
}

/** What the database knows of a node at an instant. */
function stateAt(one: Life, at: number): NodeState {
  const seen = Math.max(0, ...one.syncs.map((each) => (each.seen <= at ? each.seen : 0)));
  const confirmed = one.confirms === null ? Infinity : appliedBy(one) + one.confirms;
  return { id: 'a', name: 'b', seenAt: new Date(seen), appliedAt: confirmed <= at ? new Date(confirmed) : null };
}

describe('a receipt', () => {
  it('never says that a change is in force everywhere while a node may still decide without it', () => {
    const lives = fc.array(life, { maxLength: 4 });
    fc.assert(
      fc.property(lives, fc.integer({ min: 0, max: 20_000 }), (nodes, since) => {
        const at = committed + since;
        const states = nodes.map((one) => stateAt(one, at));
        const { effectiveEverywhereAt } = receiptOf(change, states, new Date(at));
        if (effectiveEverywhereAt === null) return;
        expect(effectiveEverywhereAt.getTime()).toBeLessThanOrEqual(at);
        for (const one of nodes) expect(lastWithout(one)).toBeLessThanOrEqual(effectiveEverywhereAt.getTime());
      }),
      { numRuns: 2_000 },
    );
  });

  const node = (seen: number, applied: number | null) => ({
    id: 'a',
    name: 'b',
    seenAt: new Date(committed + seen),
    appliedAt: applied === null ? null : new Date(committed + applied),
  });
  const everywhere = (states: NodeState[], since: number) => {
    const { effectiveEverywhereAt } = receiptOf(change, states, new Date(committed + since));
    return effectiveEverywhereAt && effectiveEverywhereAt.getTime() - committed;
  };

  it('is complete as soon as every node has applied the change', () => {
    expect(everywhere([node(900, 3), node(100, 20)], 900)).toBe(20);
    expect(everywhere([], 0)).toBe(0);
  });

  it('is complete when a node that never applied it refuses everything, five seconds after it was last heard of', () => {
    const states = [node(900, 3), node(-400, null)];
    expect(everywhere(states, 4_599)).toBeNull();
    expect(everywhere(states, 4_600)).toBe(4_600);
  });

  it('is not made later by a node that was away for an hour and applied the change then', () => {
    expect(everywhere([node(3_600_900, 3), node(3_600_500, 3_600_500)], 3_601_000)).toBe(3 + freshFor);
  });

  it('says until when each node decides without another word from the database', () => {
    const { nodes } = receiptOf(change, [node(900, 3)], new Date(committed + 900));
    expect(nodes[0]!.freshUntil).toEqual(new Date(committed + 900 + freshFor));
  });
});

import { expect, it } from 'vitest';
import { Admissions } from '../../src/gateway/admission.js';
import { AdmissionQueue } from '../../src/gateway/admission-queue.js';
import { Question } from '../../src/gateway/journal.js';
import { spreadRetryAfter } from '../../src/gateway/retry-after.js';
import { Freshness } from '../../src/gateway/snapshot/freshness.js';
import { Snapshot } from '../../src/gateway/snapshot/snapshot.js';
import { SnapshotKeeper } from '../../src/gateway/snapshot/snapshot-keeper.js';
import { StandingReader } from '../../src/gateway/standing.js';
import { SystemClock } from '../../src/kernel/clock.js';

it('the queue is bounded: beyond ten thousand a question is turned away, until those before it are decided', async () => {
  let open = () => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = { decide: (questions: readonly Question[]) => held.then(() => questions.map(() => null)) };
  const freshness = new Freshness(new SystemClock());
  freshness.prove(freshness.sending());
  const queue = new AdmissionQueue(slow as unknown as Admissions, new Snapshot(new StandingReader()), freshness, {
    holdReceipts: () => undefined,
  } as unknown as SnapshotKeeper);
  const question = {} as Question;
  // The first one is being decided; the others wait.
  const taken = Array.from({ length: 10_001 }, () => queue.decide(question));
  expect(() => queue.decide(question)).toThrow('temporary_reduced_capacity');
  open();
  expect(await Promise.all(taken)).toHaveLength(10_001);
  expect(await queue.decide(question)).toBeNull();
});

it('those who are turned away are called back over five seconds, none of them sooner than said', () => {
  const waits = new Set(Array.from({ length: 500 }, () => spreadRetryAfter(3)));
  expect(waits).toEqual(new Set([3, 4, 5, 6, 7]));
});

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { verifyEvidence } from '../../src/agreements/signing/verify-evidence.js';
import { anyDeed, judge, leadingDeed, Theme } from './commands/all.js';
import { Coverage } from './coverage.js';
import { Deed, told } from './deed.js';
import { Dice } from './dice.js';
import { carryOut } from './real/carry-out.js';
import { expectedFacts, inOrder } from './real/expected.js';
import { brokenPromises, lookAt } from './real/facts.js';
import { readSomething } from './real/readings.js';
import { System } from './real/system.js';
import { Verdict } from './verdict.js';
import { World } from './world.js';

/** What a run carries along. */
export interface Story {
  theme: Theme;
  world: World;
}

/** What the steps of all runs act on. */
export interface Scene {
  system: System;
  coverage: Coverage;
}

/**
 * One command of a run. What exactly is done is decided when the step is first taken, from the world that it finds and
 * its own seed; taken again while a failure is made smaller, it does the same.
 */
export class Step implements fc.AsyncCommand<Story, Scene> {
  private deed: Deed | null = null;

  constructor(
    /** Whether it is one that leads on; or else any, whatever comes of it. */
    private readonly leads: boolean,
    private readonly seed: number,
  ) {}

  check(): boolean {
    return true;
  }

  async run(story: Story, { system, coverage }: Scene): Promise<void> {
    const dice = new Dice(this.seed);
    this.deed ??= this.leads ? leadingDeed(story.world, dice, story.theme) : anyDeed(story.world, dice);
    const { deed } = this;
    const verdict = judge(story.world, deed);
    const refusal = await carryOut(system, deed);
    coverage.count(deed.command, verdict);
    assertVerdict(verdict, refusal);
    if (verdict.refused === null) story.world = verdict.world;
    await assertTraces(system, story.world, verdict);
    const reading = await readSomething(system, story.world, new Dice(~this.seed));
    assertSame(`what ${reading.who} reads of ${reading.what}`, reading.told, reading.expected);
    coverage.see(story.world);
  }

  toString(): string {
    return `\n  ${this.deed ? told(this.deed) : 'not taken'}`;
  }
}

function assertVerdict({ refused }: Verdict, refusal: string | null): void {
  if (refused === null) return assertSame('the refusal', refusal, null);
  if (refusal === null || !(refused as string[]).includes(refusal)) {
    assertSame('the refusal', refusal, refused.length === 1 ? refused[0] : { oneOf: refused });
  }
}

/** The database is as the model has it, the log and the histories have got what they must, and every promise holds. */
async function assertTraces(system: System, world: World, verdict: Verdict): Promise<void> {
  const { facts, left } = await lookAt(system);
  assertSame('what stands', facts, expectedFacts(world));
  const { entries, moves } = verdict.refused === null ? verdict : { entries: [], moves: [] };
  assertSame('the entries of the log', inOrder(left.entries), inOrder(entries.map(inLogOrder)));
  assertSame('the moves of texts', inOrder(left.moves), inOrder(moves));
  assertSame('the promises that are broken', await brokenPromises(system), []);
  if (moves.some(({ to }) => to === 'executed')) await assertEvidence(system);
}

function inLogOrder({
  event,
  subject,
  internal,
  by,
}: {
  event: string;
  subject: string;
  internal: boolean;
  by: string;
}) {
  return { event, subject, internal, by };
}

/** The evidence of the version that was just made verifies on its own. */
async function assertEvidence({ owner }: System): Promise<void> {
  const newest = 'SELECT evidence FROM agreement_version ORDER BY id DESC LIMIT 1';
  const { rows } = await owner.query<{ evidence: Buffer }>(newest);
  const broken = verifyEvidence(rows[0]!.evidence).findings.filter(({ holds }) => !holds);
  assertSame('the faults of the evidence', broken, []);
}

/** Compares without the cost of a difference where there is none. */
function assertSame(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual, what).toEqual(expected);
}

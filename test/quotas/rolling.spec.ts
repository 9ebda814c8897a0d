import * as fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, minute } from '../../src/kernel/clock.js';
import { slide } from '../../src/quotas/buckets.js';
import { Ledger } from '../../src/quotas/ledger.js';
import { bucketOf, countedFrom, goneBy, RollingUnit } from '../../src/quotas/rolling.js';
import { readRooms } from '../../src/quotas/rooms.js';
import { windowKey, WindowIdentity, windowsOf } from '../../src/quotas/windows.js';
import { Quota, Terms } from '../../src/terms/terms.js';
import { Decided, decide } from '../setup/desk.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

const limit = 20;
const second = 1_000;
const hourly: Quota = {
  id: 'rolling',
  clauseRef: '5',
  heldBy: 'enforced',
  metric: 'output_tokens',
  // Each question of a gateway reserves fifty.
  limit: 50 * limit,
  window: { kind: 'rolling', unit: 'hour' },
  scope: 'agreement',
  filter: {},
  enforcement: 'hard',
  notifyAtPercent: [],
};

const watched: Quota = { ...hourly, id: 'watched', limit: 49, enforcement: 'soft', heldBy: 'metered' };

let stage: Stage;
let story: Given;
let database: DataSource;
let ledger: Ledger;
let terms: Terms;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 1, [hourly, watched]);
  database = stage.app.get(DataSource);
  ledger = stage.app.get(Ledger);
  [{ terms }] = (await stage.sql<{ terms: Terms }>('SELECT terms FROM agreement_version')) as [{ terms: Terms }];
});

afterAll(() => stage.stop());

describe('the buckets of a window that slides', () => {
  const unit = fc.constantFrom<RollingUnit>('minute', 'hour', 'day', 'week');
  const lengths = { minute, hour: 60 * minute, day: 1_440 * minute, week: 10_080 * minute };
  const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });

  it('keep everything for the whole unit, and nothing longer than one sixtieth of it more', () => {
    fc.assert(
      fc.property(unit, instant, fc.double({ min: 0, max: 1.1, noNaN: true }), (length, at, share) => {
        const later = new Date(at.getTime() + Math.floor(share * lengths[length]));
        const counts = bucketOf(length, at) >= countedFrom(length, later);
        const age = later.getTime() - at.getTime();
        if (age <= lengths[length]) expect(counts).toBe(true);
        if (age >= lengths[length] * (1 + 1 / 60)) expect(counts).toBe(false);
        expect(bucketOf(length, at) >= countedFrom(length, new Date(goneBy(length, at).getTime() - 1))).toBe(true);
        expect(bucketOf(length, at) >= countedFrom(length, goneBy(length, at))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

/** What was let through, at which instant; a log that forgets nothing. */
interface Logged {
  at: number;
  reserved: number;
  used: number | null;
}

/** What a log counts in `(at - length, at]`: reservations, and use once it is reported. */
function counted(log: readonly Logged[], at: number, length: number): number {
  const within = log.filter((one) => one.at > at - length && one.at <= at);
  return within.reduce((sum, { reserved, used }) => sum + (used ?? reserved), 0);
}

function identityOf(subject: string, at: Date): WindowIdentity {
  const use = { ...story, campaignId: '', researcherId: '', keyId: '', model: '', purpose: '', slices: [] };
  return { ...windowsOf(terms, use, at)[0]!, subject, limit };
}

/** Takes from the window as an admission does: the instant at which it was counted, or null where there is no room. */
function take(subject: string, amount: number, at: Date, fails = false): Promise<Date | null> {
  const taken = database.transaction(async (manager) => {
    const identity = identityOf(subject, at);
    const ids = await ledger.locate(manager, [identity], at);
    const held = await ledger.hold(manager, ids.values());
    const countedAt = await slide(manager, held, at);
    const [window] = held.values();
    if (window!.room < amount) return null;
    const bucket = bucketOf('hour', countedAt);
    await ledger.write(manager, [{ windowId: window!.id, leased: amount, used: 0, bucket }]);
    if (fails) throw new Error('rolled back');
    return countedAt;
  });
  return fails ? taken.catch(() => null) : taken;
}

async function settle(subject: string, { at, reserved }: Logged, used: number): Promise<void> {
  await database.transaction(async (manager) => {
    const ids = await ledger.locate(manager, [identityOf(subject, new Date(at))], new Date(at));
    await ledger.hold(manager, ids.values());
    const bucket = bucketOf('hour', new Date(at));
    await ledger.write(manager, [{ windowId: [...ids.values()][0]!, leased: -reserved, used, bucket }]);
  });
}

describe('a window that slides, beside a log that forgets nothing', () => {
  const act = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('take' as const),
        amounts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat(20), less: fc.nat(9) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 2_500 }) }),
    },
  );

  it('never lets more through in any hour, refuses nothing that an hour and a minute had room for', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 6, maxLength: 24 }),
        fc.integer({ min: 0, max: 90 }),
        async (acts, skew) => {
          run += 1;
          const subject = `slides ${run}`;
          const log: Logged[] = [];
          let now = story.from.getTime() + run * second;
          let turn = 0;
          for (const one of acts) {
            if (one.kind === 'wait') now += one.seconds * second;
            if (one.kind === 'fail') expect(await take(subject, 1, new Date(now), true)).toBeNull();
            if (one.kind === 'settle' && log.length > 0) {
              const which = log[one.which % log.length]!;
              if (which.used !== null) continue;
              which.used = Math.max(0, which.reserved - one.less);
              await settle(subject, which, which.used);
            }
            if (one.kind !== 'take') continue;
            const before = [...log];
            // Two nodes ask at once, and the clock of one is ahead.
            const asked = one.amounts.map((amount) => ({
              amount,
              at: new Date(now + ((turn += 1) % 2) * skew * second),
            }));
            const taken = await Promise.all(asked.map(({ amount, at }) => take(subject, amount, at)));
            for (const [index, at] of taken.entries()) {
              if (at) log.push({ at: at.getTime(), reserved: asked[index]!.amount, used: null });
            }
            for (const { at } of log)
              expect(counted(log, at + 60 * minute - 1, 60 * minute)).toBeLessThanOrEqual(limit);
            const alone = asked[0]!;
            if (asked.length > 1 || skew > 0) continue;
            if (counted(before, alone.at.getTime(), 61 * minute) + alone.amount <= limit)
              expect(taken[0]).not.toBeNull();
          }
          const [row] = await stage.sql<Record<string, number>>(
            'SELECT leased::int, used::int, overrun::int FROM quota_window WHERE subject = $1',
            [subject],
          );
          if (row) expect(row.leased! + row.used!).toBeLessThanOrEqual(limit);
          const at = new Date(now + skew * second);
          const identity = identityOf(subject, at);
          const room = (await readRooms(database.manager, [identity])).get(windowKey(identity))!;
          expect(room.leased + room.used + room.overrun).toBeGreaterThanOrEqual(
            counted(log, at.getTime(), 60 * minute),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes off what has slid out as soon as it is asked, whether or not its use was ever reported', async () => {
    const start = bucketOf('hour', new Date(story.from.getTime() + 60 * minute));
    for (let at = 0; at < limit; at += 1) expect(await take('fills', 1, start)).toEqual(start);
    expect(await take('fills', 1, new Date(start.getTime() + 61 * minute - 1))).toBeNull();
    const later = new Date(start.getTime() + 61 * minute);
    expect(await take('fills', limit, later)).toEqual(later);
    // A report of what has slid out changes nothing that counts now.
    await settle('fills', { at: start.getTime(), reserved: 1, used: null }, 1);
    expect(await take('fills', 1, later)).toBeNull();
    const rows = await stage.sql("SELECT leased::int, used::int FROM quota_window WHERE subject = 'fills'");
    expect(rows).toEqual([{ leased: limit, used: 0 }]);
  });

  it('takes off what has slid out, and leaves no room while more than the limit was reported', async () => {
    const start = bucketOf('hour', new Date(story.from.getTime() + 90 * minute));
    const later = new Date(start.getTime() + 30 * minute);
    expect(await take('overrun', 1, start)).toEqual(start);
    expect(await take('overrun', 1, later)).toEqual(later);
    await settle('overrun', { at: later.getTime(), reserved: 1, used: null }, limit + 5);
    // What is left of the report does not fit, though the first use has slid out by now.
    const at = new Date(start.getTime() + 61 * minute);
    const room = await database.transaction(async (manager) => {
      const ids = await ledger.locate(manager, [identityOf('overrun', at)], at);
      const held = await ledger.hold(manager, ids.values());
      await slide(manager, held, at);
      return [...held.values()][0]!.room;
    });
    expect(room).toBe(-5);
    await settle('overrun', { at: later.getTime(), reserved: 0, used: null }, -(limit + 5));
  });
});

describe('a limit over an hour that slides, as a gateway meets it', () => {
  it('lets in exactly the limit of many at once, says when all is there again, and then it is', async () => {
    const decided: (Decided & { limits: { resets_at?: string }[] })[] = await Promise.all(
      Array.from({ length: 30 }, () => decide(story, story.keys[0]!)),
    );
    expect(decided.filter(({ decision }) => decision === 'allow')).toHaveLength(limit);
    const { resets_at } = decided[0]!.limits[0]!;
    expect(resets_at).toBe(goneBy('hour', stage.clock.now()).toISOString());
    const authorization = decided.find(({ decision }) => decision === 'allow')!.authorization;
    const body = [usageEvent('slid', story.keys[0]!, stage.clock.now(), { authorization, output_tokens: 50 })];
    await ask(`${stage.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body });
    const ours = async () =>
      (await windowsIn(stage)).find(({ subject, quota }) => subject === story.agreementId && quota === 'rolling');
    expect(await ours()).toMatchObject({ leased: 50 * (limit - 1), used: 50, overrun: 0 });
    stage.clock.moveTo(new Date(new Date(resets_at!).getTime() - 1));
    expect((await decide(story, story.keys[0]!)).code).toBe('quota_exhausted');
    stage.clock.advance(1);
    expect((await decide(story, story.keys[0]!)).limits[0]).toMatchObject({ remaining: 50 * (limit - 1) });
    expect(await ours()).toMatchObject({ leased: 50, used: 0 });
  });

  it('leaves a finding where a soft one was exceeded in some hour, though the hour has long slid out', async () => {
    const date = stage.clock.now().toISOString().slice(0, 10);
    stage.clock.advance(day);
    const close = { kind: 'day', date };
    await story.cast.compliance.post(`/v1/agreements/${story.agreementId}/statements`, close);
    const { data } = await story.cast.compliance.get<{ data: Record<string, unknown>[] }>('/v1/findings');
    const exceeded = data.filter(({ rule }) => rule === 'quota_exceeded');
    expect(exceeded).toEqual([
      expect.objectContaining({
        expected: 'at most 49 output_tokens rolling hour',
        observed: '50 output_tokens rolling hour',
      }),
    ]);
  });
});

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LapsedPlaces } from '../../src/gateway/lapsed-places.js';
import { minute } from '../../src/kernel/clock.js';
import { Quota } from '../../src/terms/terms.js';
import { Decided, decide, get } from '../setup/desk.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

const limit = 3;
const quotas: Quota[] = [
  {
    id: 'at-once',
    clauseRef: '5',
    heldBy: 'enforced',
    metric: 'concurrent_requests',
    limit,
    window: { kind: 'rolling', unit: 'minute' },
    scope: 'agreement',
    filter: {},
    enforcement: 'hard',
    notifyAtPercent: [],
  },
];

let stage: Stage;
let story: Given;
let events = 0;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 1, quotas);
});

afterAll(() => stage.stop());

const question = () => decide(story, story.keys[0]!);
const sweep = () => stage.app.get(LapsedPlaces).giveBack();

async function report(authorization: string | null, id = `place-${(events += 1)}`): Promise<string> {
  const body = [usageEvent(id, story.keys[0]!, stage.clock.now(), { authorization })];
  const token = story.gatewayCredential;
  const answer = await ask<{ results: { result: string }[] }>(`${stage.apiUrl}/v1/usage-events`, { token, body });
  return answer.body.results[0]!.result;
}

async function held(): Promise<number> {
  const windows = await windowsIn(stage);
  expect(windows.length).toBeLessThanOrEqual(1);
  expect(windows[0] ?? {}).toMatchObject(windows[0] ? { used: 0, overrun: 0 } : {});
  return windows[0]?.leased ?? 0;
}

async function emptied(): Promise<void> {
  stage.clock.advance(10 * minute);
  await sweep();
  expect(await held()).toBe(0);
}

describe('a limit on concurrent requests', () => {
  it('lets in as many as it names and not one more, however many ask at once', async () => {
    const decided = await Promise.all(Array.from({ length: 20 }, question));
    expect(decided.filter(({ decision }) => decision === 'allow')).toHaveLength(limit);
    expect(new Set(decided.map(({ code }) => code))).toEqual(new Set(['allowed', 'quota_exhausted']));
    expect(await held()).toBe(limit);
  });

  it('gives a place back when its use is reported, once, and grows no other count', async () => {
    await emptied();
    const decided: Decided[] = [await question(), await question(), await question()];
    expect(await report(decided[0]!.authorization, 'told twice')).toBe('recorded');
    expect(await report(decided[0]!.authorization, 'told twice')).toBe('duplicate');
    expect(await report(decided[0]!.authorization)).toBe('recorded');
    expect(await held()).toBe(2);
    expect([(await question()).code, (await question()).code]).toEqual(['allowed', 'quota_exhausted']);
  });

  it('gives back a place of which nothing is reported for ten minutes, and no sooner', async () => {
    await emptied();
    const { authorization } = await question();
    stage.clock.advance(10 * minute - 1);
    await sweep();
    expect(await held()).toBe(1);
    stage.clock.advance(1);
    await sweep();
    expect(await held()).toBe(0);
    // A place that was given back is not given back again by a late report, which settles everything else.
    await question();
    expect(await report(authorization)).toBe('recorded');
    expect(await held()).toBe(1);
  });

  it('is not touched by use that nobody admitted', async () => {
    await emptied();
    await question();
    expect(await report(null)).toBe('recorded');
    expect(await held()).toBe(1);
  });

  it('is one window for the whole term, and says by when every place is free again', async () => {
    const path = `/v1/keys/${story.keys[0]!.id}/standing`;
    const { body } = await get<{ decisions: { limits: object[] }[] }>(stage, story.cast.researcher, path);
    const resetsAt = new Date(stage.clock.now().getTime() + 11 * minute).toISOString();
    expect(body.decisions[0]!.limits).toEqual([expect.objectContaining({ metric: 'concurrent_requests', resetsAt })]);
    expect((await windowsIn(stage))[0]!.startsAt).toEqual(story.from);
  });

  it('holds through any order of asking, reporting, waiting and sweeping, and forgets no place', async () => {
    const act = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), many: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('report' as const), which: fc.nat(20) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 6 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
        await emptied();
        let places: { authorization: string; at: number; holds: boolean }[] = [];
        for (const one of acts) {
          const now = stage.clock.now().getTime();
          const free = limit - places.filter(({ holds }) => holds).length;
          if (one.kind === 'ask') {
            const decided = await Promise.all(Array.from({ length: one.many }, question));
            const allowed = decided.flatMap(({ authorization }) => authorization ?? []);
            expect(allowed).toHaveLength(Math.min(free, one.many));
            places.push(...allowed.map((authorization) => ({ authorization, at: now, holds: true })));
          } else if (one.kind === 'report' && places.length > 0) {
            const [told] = places.splice(one.which % places.length, 1);
            await Promise.all([report(told!.authorization), sweep()]);
            places = places.map((place) => ({ ...place, holds: place.holds && now - place.at < 10 * minute }));
          } else if (one.kind === 'wait') {
            stage.clock.advance(one.minutes * minute);
          } else if (one.kind === 'sweep') {
            await sweep();
            places = places.map((place) => ({ ...place, holds: place.holds && now - place.at < 10 * minute }));
          }
          expect(await held()).toBe(places.filter(({ holds }) => holds).length);
        }
      }),
      { numRuns: 12 },
    );
  });
});

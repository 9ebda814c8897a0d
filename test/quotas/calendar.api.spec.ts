import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hour } from '../../src/kernel/clock.js';
import { Quota } from '../../src/terms/terms.js';
import { decide } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

function quota(id: string, unit: 'day' | 'month', timezone: string, limit = 1_000): Quota {
  return {
    id,
    clauseRef: '5',
    heldBy: 'enforced',
    metric: 'output_tokens',
    limit,
    window: { kind: 'calendar', unit, timezone },
    scope: 'agreement',
    filter: {},
    enforcement: 'hard',
    notifyAtPercent: [],
  };
}

const quotas: Quota[] = [
  quota('paris', 'day', 'Europe/Paris', 3),
  quota('new-york', 'day', 'America/New_York', 5),
  quota('apia', 'month', 'Pacific/Apia'),
  quota('st-johns', 'month', 'America/St_Johns'),
];

/** A term over a change of clocks, and what a question is answered at an instant of it. */
async function termFrom(at: string) {
  const stage = await openStage({ at: new Date(at) });
  const story = await given.activeAgreement(stage, 1, quotas);
  return { stage, story };
}

async function askAt({ stage, keys, ...story }: Given, at: string): Promise<string> {
  stage.clock.moveTo(new Date(at));
  const estimate = { input_tokens: 0, max_output_tokens: 1 };
  return (await decide({ stage, keys, ...story }, keys[0]!, { estimate })).code;
}

/** The windows that the questions opened: from when until when, how many hours long, and what is reserved in each. */
async function opened(stage: Stage, quotaId: string) {
  const ends = await stage.sql<{ startsAt: Date; endsAt: Date }>(
    'SELECT starts_at AS "startsAt", ends_at AS "endsAt" FROM quota_window WHERE quota_id = $1 ORDER BY starts_at',
    [quotaId],
  );
  const counts = (await windowsIn(stage)).filter(({ quota: id }) => id === quotaId);
  return ends.map(({ startsAt, endsAt }, at) => ({
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    hours: (endsAt.getTime() - startsAt.getTime()) / hour,
    leased: counts[at]!.leased,
  }));
}

describe('admissions in a spring', () => {
  let stage: Stage;
  let story: Given;

  beforeAll(async () => {
    ({ stage, story } = await termFrom('2026-03-28T12:00:00Z'));
  });

  afterAll(() => stage.stop());

  it('a day of 23 hours is full until its last millisecond, and the next has its whole limit from its first', async () => {
    expect(await askAt(story, '2026-03-28T22:59:59.999Z')).toBe('allowed');
    for (let left = 3; left > 0; left -= 1) expect(await askAt(story, '2026-03-28T23:00:00Z')).toBe('allowed');
    expect(await askAt(story, '2026-03-28T23:00:00Z')).toBe('quota_exhausted');
    expect(await askAt(story, '2026-03-29T21:59:59.999Z')).toBe('quota_exhausted');
    expect(await askAt(story, '2026-03-29T22:00:00Z')).toBe('allowed');
    expect(await opened(stage, 'paris')).toEqual([
      { startsAt: '2026-03-27T23:00:00.000Z', endsAt: '2026-03-28T23:00:00.000Z', hours: 24, leased: 1 },
      { startsAt: '2026-03-28T23:00:00.000Z', endsAt: '2026-03-29T22:00:00.000Z', hours: 23, leased: 3 },
      { startsAt: '2026-03-29T22:00:00.000Z', endsAt: '2026-03-30T22:00:00.000Z', hours: 24, leased: 1 },
    ]);
  });

  it('a month in Apia ends while it is still the 31st in London, and one in St John’s at half past two', async () => {
    const before = (await opened(stage, 'apia'))[0]!.leased;
    for (const at of ['2026-03-31T10:59:59.999Z', '2026-03-31T11:00:00Z'])
      expect(await askAt(story, at)).toBe('allowed');
    for (const at of ['2026-04-01T02:29:59.999Z', '2026-04-01T02:30:00Z'])
      expect(await askAt(story, at)).toBe('allowed');
    expect(await opened(stage, 'apia')).toMatchObject([
      { startsAt: '2026-02-28T11:00:00.000Z', endsAt: '2026-03-31T11:00:00.000Z', leased: before + 1 },
      { startsAt: '2026-03-31T11:00:00.000Z', endsAt: '2026-04-30T11:00:00.000Z', leased: 3 },
    ]);
    expect(await opened(stage, 'st-johns')).toMatchObject([
      // March begins in winter time and ends in summer time.
      { startsAt: '2026-03-01T03:30:00.000Z', endsAt: '2026-04-01T02:30:00.000Z', leased: before + 3 },
      { startsAt: '2026-04-01T02:30:00.000Z', endsAt: '2026-05-01T02:30:00.000Z', leased: 1 },
    ]);
  });
});

describe('admissions in an autumn', () => {
  let stage: Stage;
  let story: Given;

  beforeAll(async () => {
    ({ stage, story } = await termFrom('2026-10-24T12:00:00Z'));
  });

  afterAll(() => stage.stop());

  it('a day of 25 hours is one window, both passes of its repeated hour included', async () => {
    const [first, second] = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'];
    expect([await askAt(story, '2026-10-24T22:00:00Z'), await askAt(story, first)]).toEqual(['allowed', 'allowed']);
    expect([await askAt(story, second), await askAt(story, second)]).toEqual(['allowed', 'quota_exhausted']);
    expect(await askAt(story, '2026-10-25T22:59:59.999Z')).toBe('quota_exhausted');
    expect(await askAt(story, '2026-10-25T23:00:00Z')).toBe('allowed');
    expect(await opened(stage, 'paris')).toEqual([
      { startsAt: '2026-10-24T22:00:00.000Z', endsAt: '2026-10-25T23:00:00.000Z', hours: 25, leased: 3 },
      { startsAt: '2026-10-25T23:00:00.000Z', endsAt: '2026-10-26T23:00:00.000Z', hours: 24, leased: 1 },
    ]);
  });

  it('each place changes its clocks on a day of its own, and the month in St John’s turns before they do', async () => {
    const times = [
      '2026-11-01T02:29:59.999Z',
      '2026-11-01T02:30:00Z',
      '2026-11-01T04:00:00Z',
      '2026-11-02T04:59:59.999Z',
    ];
    for (const at of times) expect(await askAt(story, at)).toBe('allowed');
    expect(await askAt(story, '2026-11-02T05:00:00Z')).toBe('allowed');
    const ofNewYork = await opened(stage, 'new-york');
    expect(ofNewYork.slice(-2)).toEqual([
      { startsAt: '2026-11-01T04:00:00.000Z', endsAt: '2026-11-02T05:00:00.000Z', hours: 25, leased: 2 },
      { startsAt: '2026-11-02T05:00:00.000Z', endsAt: '2026-11-03T05:00:00.000Z', hours: 24, leased: 1 },
    ]);
    expect(await opened(stage, 'st-johns')).toMatchObject([
      { startsAt: '2026-10-01T02:30:00.000Z', endsAt: '2026-11-01T02:30:00.000Z' },
      { startsAt: '2026-11-01T02:30:00.000Z', endsAt: '2026-12-01T03:30:00.000Z', leased: 4 },
    ]);
  });
});

import * as fc from 'fast-check';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AssumedUse } from '../../src/gateway/assumed-use.js';
import { LapsedPlaces } from '../../src/gateway/lapsed-places.js';
import { day, hour } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { readFacts } from '../../src/reconciliation/statement-inputs.js';
import { Quota } from '../../src/terms/terms.js';
import { decide, done, get, post } from '../setup/desk.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { lend, lostNode, spend } from '../setup/leases.js';
import { openStage, Stage } from '../setup/stage.js';

const limit = 400;
const quota: Quota = {
  id: 'whole-term',
  clauseRef: '5',
  heldBy: 'enforced',
  metric: 'output_tokens',
  limit,
  window: { kind: 'term' },
  scope: 'agreement',
  filter: {},
  enforcement: 'hard',
  notifyAtPercent: [],
};
const quotas: Quota[] = [
  quota,
  { ...quota, id: 'sliding', limit: 100_000, window: { kind: 'rolling', unit: 'day' } },
  { ...quota, id: 'at-once', metric: 'concurrent_requests', limit: 500, window: { kind: 'rolling', unit: 'minute' } },
];

interface Counts {
  leased: number;
  used: number;
  overrun: number;
  assumed: number;
}

let events = 0;

const assume = (stage: Stage) => stage.app.get(AssumedUse).assume();

async function report(story: Given, authorization: string | null, output_tokens: number): Promise<void> {
  const data = { authorization, output_tokens };
  const body = [usageEvent(`late-${(events += 1)}`, story.keys[0]!, story.stage.clock.now(), data)];
  const answer = await ask(`${story.stage.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body });
  expect(answer.body).toMatchObject({ results: [{ result: 'recorded' }] });
}

async function admit(story: Given, max_output_tokens: number): Promise<string | null> {
  return (await decide(story, story.keys[0]!, { estimate: { input_tokens: 0, max_output_tokens } })).authorization;
}

async function countsOf({ stage, agreementId }: Given, quotaId: string): Promise<Counts> {
  const [row] = await stage.sql<Record<keyof Counts, string>>(
    'SELECT leased, used, overrun, assumed FROM quota_window WHERE agreement_id = $1 AND quota_id = $2',
    [agreementId, quotaId],
  );
  const { leased, used, overrun, assumed } = row!;
  return { leased: Number(leased), used: Number(used), overrun: Number(overrun), assumed: Number(assumed) };
}

describe('an admission of which nothing is reported', () => {
  let stage: Stage;
  let story: Given;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage, 1, quotas);
  });

  afterAll(() => stage.stop());

  it('is reserved for a day, and from then on counts as used what it reserved, once by however many look', async () => {
    await admit(story, 30);
    stage.clock.advance(day - 1);
    await assume(stage);
    expect(await countsOf(story, quota.id)).toEqual({ leased: 30, used: 0, overrun: 0, assumed: 0 });
    stage.clock.advance(1);
    await Promise.all([assume(stage), assume(stage), assume(stage)]);
    expect(await countsOf(story, quota.id)).toEqual({ leased: 0, used: 30, overrun: 0, assumed: 30 });
    expect(await countsOf(story, 'at-once')).toEqual({ leased: 0, used: 0, overrun: 0, assumed: 0 });
  });

  it('is shown apart from what was reported', async () => {
    await report(story, null, 7);
    const windows = await story.cast.partnerAdmin.all<Counts & { quotaId: string }>('/v1/quota-windows');
    const counts = { leased: 0, used: 37, overrun: 0, assumed: 30 };
    expect(windows.find(({ quotaId }) => quotaId === quota.id)).toMatchObject(counts);
    const path = `/v1/keys/${story.keys[0]!.id}/usage`;
    const { limits } = done(await get<{ limits: { quota: string }[] }>(stage, story.cast.researcher, path));
    expect(limits.find((one) => one.quota === quota.id)).toMatchObject({ used: 37, assumed: 30, remaining: 363 });
  });

  it('is corrected by the report that comes after all, which settles it like any other', async () => {
    const authorization = await admit(story, 50);
    stage.clock.advance(day);
    await assume(stage);
    expect(await countsOf(story, quota.id)).toMatchObject({ leased: 0, used: 87, assumed: 80 });
    await report(story, authorization, 12);
    expect(await countsOf(story, quota.id)).toEqual({ leased: 0, used: 49, overrun: 0, assumed: 30 });
    const [event] = await stage.sql('SELECT authorization_state FROM usage_event ORDER BY event_id DESC LIMIT 1');
    expect(event).toEqual({ authorization_state: 'settled' });
    stage.clock.advance(day);
    await assume(stage);
    expect(await countsOf(story, quota.id)).toMatchObject({ used: 49, assumed: 30 });
  });

  it('changes no figure of a statement, which counts reports, and stays the finding that it was', async () => {
    const startsAt = new Date(Math.floor(stage.clock.now().getTime() / day) * day);
    await admit(story, 20);
    stage.clock.advance(day);
    const coverage = {
      agreementId: story.agreementId,
      startsAt,
      endsAt: new Date(startsAt.getTime() + day),
      lastBatch: 1_000,
      previous: null,
    };
    const facts = () => readFacts(stage.app.get(DataSource).manager, coverage);
    await stage.app.get(LapsedPlaces).giveBack();
    const before = await facts();
    expect(before.unreported).toEqual([{ key: story.keys[0]!.publicId, admissions: 1 }]);
    await assume(stage);
    expect(await countsOf(story, quota.id)).toMatchObject({ assumed: 50 });
    expect(await facts()).toEqual(before);
    const path = `/v1/agreements/${story.agreementId}/statements`;
    const date = startsAt.toISOString().slice(0, 10);
    done(await post(stage, story.cast.compliance, path, { kind: 'day', date }));
    const rule = '/v1/findings?rule=authorized_not_reported';
    const { data } = done(await get<{ data: object[] }>(stage, story.cast.compliance, rule));
    expect(data).toMatchObject([{ observed: '1 admissions without one', periodStartsAt: startsAt.toISOString() }]);
  });
});

/** An admission, as the model remembers it; `slides` where the window that slides counts it too. */
interface Admitted {
  authorization: string;
  at: number;
  reserved: number;
  state: 'reserved' | 'assumed' | 'reported';
  used: number;
  slides: boolean;
}

describe('any order of admissions, leases, assumptions, late reports and use beyond what was reserved', () => {
  let stage: Stage;
  let story: Given;
  let windowId: string;
  let leaseId: string;
  const admitted: Admitted[] = [];
  let unauthorized = 0;
  let lent = 120;
  /** What the histories have met, so that they are known to try it. */
  const met = { assumed: 0, corrected: 0, overran: 0 };

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage, 1, quotas);
    await took(await admit(story, 1), 1);
    const [window] = await stage.sql<{ id: string }>('SELECT id FROM quota_window WHERE quota_id = $1', [quota.id]);
    windowId = window!.id;
    leaseId = await lend(stage, await lostNode(stage), { windowId, granted: lent });
  });

  afterAll(() => stage.stop());

  async function took(authorization: string | null, reserved: number, slides = true): Promise<void> {
    const at = stage.clock.now().getTime();
    if (authorization) admitted.push({ authorization, at, reserved, state: 'reserved', used: 0, slides });
  }

  /** What the journal of a node writes: a decision that reserves of its lease. */
  async function journal(amount: number): Promise<void> {
    if (amount > lent) return;
    const id = newId(stage.clock.now());
    expect(await spend(stage, leaseId, amount)).toBe(true);
    await stage.sql(
      `INSERT INTO decision_record (id, at, gateway_id, key_id, agreement_id, agreement_version, model, endpoint, code,
         input_tokens, output_tokens, window_ids, reserved, counted_at)
       SELECT $1, $2, gateway_id, key_id, agreement_id, agreement_version, model, endpoint, code, 0, $3::bigint,
         ARRAY[$4::uuid], ARRAY[$3::bigint], $2 FROM decision_record WHERE id = $5`,
      [id, stage.clock.now(), amount, windowId, admitted[0]!.authorization],
    );
    lent -= amount;
    await took(id, amount, false);
  }

  function assumedByNow(): void {
    const before = stage.clock.now().getTime() - day;
    for (const one of admitted) if (one.state === 'reserved' && one.at <= before) one.state = 'assumed';
  }

  function sum(all: readonly Admitted[], state: Admitted['state'], what: 'reserved' | 'used'): number {
    return all.filter((one) => one.state === state).reduce((total, one) => total + one[what], 0);
  }

  async function expectCounts(): Promise<void> {
    const assumed = sum(admitted, 'assumed', 'reserved');
    const leased = sum(admitted, 'reserved', 'reserved') + lent;
    const all = sum(admitted, 'reported', 'used') + unauthorized + assumed;
    const used = Math.min(limit - leased, all);
    expect(await countsOf(story, quota.id)).toEqual({ leased, used, overrun: all - used, assumed });
    if (all > used) met.overran += 1;
    if (assumed > 0) met.assumed += 1;

    const slid = admitted.filter(({ slides }) => slides);
    const [sliding] = await stage.sql<Record<string, string>>(
      `SELECT sum(b.leased) AS leased, sum(b.used) AS used, sum(b.assumed) AS assumed,
         sum(b.leased) FILTER (WHERE b.starts_at >= w.counted_from) - max(w.leased) AS "leasedOff",
         coalesce(sum(b.used) FILTER (WHERE b.starts_at >= w.counted_from), 0) - max(w.used + w.overrun) AS "usedOff",
         coalesce(sum(b.assumed) FILTER (WHERE b.starts_at >= w.counted_from), 0) - max(w.assumed) AS "assumedOff"
       FROM quota_bucket b JOIN quota_window w ON w.id = b.window_id WHERE w.quota_id = 'sliding'`,
    );
    expect(Object.fromEntries(Object.entries(sliding!).map(([name, count]) => [name, Number(count)]))).toEqual({
      leased: sum(slid, 'reserved', 'reserved'),
      used: sum(slid, 'reported', 'used') + unauthorized + sum(slid, 'assumed', 'reserved'),
      assumed: sum(slid, 'assumed', 'reserved'),
      leasedOff: 0,
      usedOff: 0,
      assumedOff: 0,
    });
    const places = slid.filter(({ state }) => state === 'reserved').length;
    expect(await countsOf(story, 'at-once')).toEqual({ leased: places, used: 0, overrun: 0, assumed: 0 });
  }

  const tokens = fc.integer({ min: 0, max: 60 });
  const act = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('admit' as const), tokens }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('journal' as const), tokens }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('report' as const), which: fc.nat(100), tokens }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('use' as const), tokens }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('assume' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 8, max: 20 }) }) },
  );

  it('leaves reserved what neither is reported nor assumed, and used what is one of both, and loses nothing', async () => {
    // The histories follow one another in one term, so each goes on from where the last one ended.
    const histories = fc.sample(fc.array(act, { minLength: 12, maxLength: 18 }), { numRuns: 8, seed: 20_261_123 });
    for (const one of histories.flat()) {
      if (one.kind === 'admit') await took(await admit(story, one.tokens), one.tokens);
      if (one.kind === 'journal') await journal(one.tokens);
      if (one.kind === 'wait') stage.clock.advance(one.hours * hour);
      if (one.kind === 'use') {
        await report(story, null, one.tokens);
        unauthorized += one.tokens;
      }
      if (one.kind === 'assume') {
        await assume(stage);
        assumedByNow();
      }
      if (one.kind === 'report') {
        const waiting = admitted.filter(({ state }) => state !== 'reported');
        const reported = waiting[one.which % (waiting.length || 1)];
        if (!reported) continue;
        // Whichever of the two holds the decision first, the report has the last word.
        await Promise.all([report(story, reported.authorization, one.tokens), assume(stage)]);
        if (reported.state === 'assumed') met.corrected += 1;
        Object.assign(reported, { state: 'reported', used: one.tokens });
        assumedByNow();
      }
      await expectCounts();
    }
    expect(stage.clock.now() < story.until).toBe(true);
    for (const times of Object.values(met)) expect(times).toBeGreaterThan(2);
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../src/demo/agreement.js';
import { day, hour } from '../../src/kernel/clock.js';
import { KeyUsageAnswer } from '../../src/usage/key-usage.dto.js';
import { Caller, callerOf } from '../setup/caller.js';
import { contentsOf } from '../setup/contents.js';
import { ask, given, Given, question, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

let stage: Stage;
let story: Given;
let researcher: Caller;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 5);
  researcher = await callerOf(stage, story.cast.researcher.email);
});

afterAll(() => stage.stop());

let counter = 0;

async function report(time: Date, data: object = {}, key = 0): Promise<void> {
  const event = usageEvent(`event-${(counter += 1)}`, story.keys[key]!, time, data);
  const { body } = await ask(`${stage.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body: [event] });
  expect(body).toMatchObject({ recorded: 1 });
}

async function usage(query: Record<string, string> = {}, key = 0): Promise<KeyUsageAnswer> {
  const search = new URLSearchParams(query).toString();
  const { status, body } = await researcher.get<KeyUsageAnswer>(`/v1/keys/${story.keys[key]!.id}/usage?${search}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const nothing = { requests: 0, inputTokens: 0, outputTokens: 0, lastUsedAt: null };

describe('what a key has used', () => {
  it('is nothing where it was not used, in the thirty days that end with today', async () => {
    expect(await usage()).toMatchObject({
      keyId: story.keys[0]!.id,
      publicId: story.keys[0]!.publicId,
      from: '2026-02-01T00:00:00.000Z',
      until: '2026-03-03T00:00:00.000Z',
      totals: nothing,
      days: [],
    });
  });

  it('is told by day of UTC and by the model that answered, with the last use of each', async () => {
    await report(new Date('2026-03-02T08:00:00Z'), { input_tokens: 10, output_tokens: 1 });
    await report(new Date('2026-03-02T08:30:00.123Z'), { input_tokens: 20, output_tokens: 2 });
    await report(new Date('2026-03-01T23:59:59.999Z'), { input_tokens: 40, output_tokens: 4 });
    const served = { served_model: models.conversation, input_tokens: 80, output_tokens: 8, status: 500 };
    await report(new Date('2026-03-02T00:00:00Z'), served);
    await report(new Date('2026-03-02T08:45:00Z'), { input_tokens: 1_000 }, 1);
    const { totals, days } = await usage();
    expect(totals).toEqual({
      requests: 4,
      inputTokens: 150,
      outputTokens: 15,
      lastUsedAt: '2026-03-02T08:30:00.123Z',
    });
    const [yesterday, today] = ['2026-03-01', '2026-03-02'];
    const { code: model, conversation } = models;
    expect(days).toEqual([
      {
        date: yesterday,
        model,
        requests: 1,
        inputTokens: 40,
        outputTokens: 4,
        lastUsedAt: `${yesterday}T23:59:59.999Z`,
      },
      {
        date: today,
        model: conversation,
        requests: 1,
        inputTokens: 80,
        outputTokens: 8,
        lastUsedAt: `${today}T00:00:00.000Z`,
      },
      { date: today, model, requests: 2, inputTokens: 30, outputTokens: 3, lastUsedAt: `${today}T08:30:00.123Z` },
    ]);
  });

  it('is of the half-open interval that is asked for, to the millisecond', async () => {
    const [from, until] = ['2026-03-01T23:59:59.999Z', '2026-03-02T08:30:00.123Z'];
    const { totals, ...rest } = await usage({ from, until });
    expect(totals).toMatchObject({ requests: 3, inputTokens: 130 });
    expect(rest).toMatchObject({ from, until });
    expect((await usage({ from: '2026-03-02T00:00:00Z', until })).totals).toMatchObject({ requests: 2 });
    expect((await usage({ until: from })).totals).toEqual(nothing);
  });

  it('adds up, however time is cut', async () => {
    const start = Date.parse('2026-03-01T12:00:00Z');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 22 * hour - 1 }), async (cut) => {
        const [from, middle, until] = [0, cut, 22 * hour].map((after) => new Date(start + after).toISOString());
        const [whole, first, second] = [
          await usage({ from: from!, until: until! }),
          await usage({ from: from!, until: middle! }),
          await usage({ from: middle!, until: until! }),
        ];
        for (const what of ['requests', 'inputTokens', 'outputTokens'] as const) {
          expect(first.totals[what] + second.totals[what]).toBe(whole.totals[what]);
          expect(whole.days.reduce((sum, one) => sum + one[what], 0)).toBe(whole.totals[what]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    [{ from: '2026-03-02T00:00:00Z', until: '2026-03-02T00:00:00Z' }, '/from'],
    [{ from: '2026-03-02T00:00:00Z', until: '2026-03-01T00:00:00Z' }, '/from'],
    [{ from: '2025-11-30T23:59:59.999Z', until: '2026-03-03T00:00:00Z' }, '/from'],
    [{ from: '2026-04-01T00:00:00Z' }, '/from'],
    [{ from: 'yesterday' }, '/from'],
    [{ until: '2026-03-02' }, '/until'],
    [{ days: '3' }, '/days'],
  ])('refuses %j with a pointer', async (query, pointer) => {
    const search = new URLSearchParams(query as Record<string, string>).toString();
    const { status, body } = await researcher.get(`/v1/keys/${story.keys[0]!.id}/usage?${search}`);
    expect({ status, pointer: body.pointer }).toEqual({ status: 422, pointer });
  });

  it('takes ninety-two days at once', async () => {
    const longest = { from: '2025-12-01T00:00:00Z', until: '2026-03-03T00:00:00Z' };
    expect((await usage(longest)).totals).toMatchObject({ requests: 4 });
  });
});

describe('what a key may use still', () => {
  it('is what is left of each window that counts it, with what is used and reserved there and the clause', async () => {
    const now = stage.clock.now();
    for (const key of [0, 0, 1]) await report(now, { output_tokens: 20 }, key);
    await report(now, { served_model: models.conversation, output_tokens: 1 });
    const estimate = { input_tokens: 0, max_output_tokens: 500 };
    await ask(`${stage.gatewayUrl}/v1/authorizations`, {
      token: story.gatewayCredential,
      body: question(story.keys[1]!, { estimate }),
    });
    const window = {
      clauseRef: '5',
      startsAt: '2026-03-02T00:00:00.000Z',
      resetsAt: '2026-03-03T00:00:00.000Z',
      lent: 0,
      quarantined: 0,
      assumed: 0,
    };
    const both = [models.conversation, models.code];
    const { limits } = await usage();
    expect(limits.toSorted((one, other) => (one.quota < other.quota ? -1 : 1))).toEqual([
      {
        ...window,
        quota: 'code-requests-daily',
        metric: 'requests',
        currency: null,
        scope: 'agreement',
        models: [models.code],
        limit: 5,
        used: 3,
        leased: 1,
        remaining: 1,
      },
      {
        ...window,
        quota: 'key-requests-daily',
        metric: 'requests',
        currency: null,
        scope: 'key',
        models: both,
        limit: 50_000,
        used: 3,
        leased: 0,
        remaining: 49_997,
      },
      {
        ...window,
        quota: 'output-tokens-daily',
        metric: 'output_tokens',
        currency: null,
        scope: 'agreement',
        models: both,
        limit: 20_000_000,
        used: 61,
        leased: 500,
        remaining: 19_999_439,
      },
    ]);
  });

  it('is nothing, and never less, where more was reported than agreed', async () => {
    for (const _ of [1, 2, 3]) await report(stage.clock.now());
    const limit = (await usage()).limits.find(({ quota }) => quota === 'code-requests-daily');
    expect(limit).toMatchObject({ limit: 5, used: 6, leased: 1, remaining: 0 });
  });

  it('is the whole limit on a day on which nobody has used it; and to ask writes no row', async () => {
    stage.clock.advance(day);
    researcher = await callerOf(stage, story.cast.researcher.email);
    const before = await contentsOf(stage);
    const { limits } = await usage();
    expect(limits.map(({ limit, remaining, used, leased }) => [remaining === limit, used, leased])).toEqual(
      limits.map(() => [true, 0, 0]),
    );
    expect(limits).toHaveLength(3);
    expect(await contentsOf(stage)).toEqual(before);
  });
});

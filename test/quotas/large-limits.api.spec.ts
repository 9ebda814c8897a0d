import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { models } from '../../src/demo/agreement.js';
import { priceMax } from '../../src/quotas/prices/price-book.js';
import { Quota } from '../../src/terms/terms.js';
import { decide, done, get } from '../setup/desk.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

const limit = Number.MAX_SAFE_INTEGER;
const quota: Quota = {
  id: 'very-large',
  clauseRef: '5',
  heldBy: 'enforced',
  metric: 'spend',
  currency: 'USD',
  limit,
  window: { kind: 'calendar', unit: 'day', timezone: 'UTC' },
  scope: 'agreement',
  filter: {},
  enforcement: 'hard',
  notifyAtPercent: [100],
};

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 1, [quota]);
  const { partnerships } = story.cast;
  const [dear, cheap] = [priceMax, 1_000_000];
  const price = (model: string, each: number) => ({
    model,
    currency: 'USD',
    inputPerMillion: each,
    outputPerMillion: each,
  });
  // A token of one model costs a million units, of the other a single one.
  await partnerships.post('/v1/prices', price(models.code, dear));
  await partnerships.post('/v1/prices', price(models.conversation, cheap));
});

afterAll(() => stage.stop());

async function admit(model: string, input_tokens: number, max_output_tokens: number) {
  const { code, authorization, limits } = await decide(story, story.keys[0]!, {
    model,
    estimate: { input_tokens, max_output_tokens },
  });
  return { code, authorization, remaining: limits[0]!.remaining };
}

/** The window as the API tells it, number by number as it stands in the text. */
async function shown(): Promise<Record<string, string>> {
  const token = await story.cast.partnerAdmin.freshToken();
  const answer = await fetch(`${stage.apiUrl}/v1/quota-windows`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  return Object.fromEntries(
    ['limit', 'leased', 'used', 'overrun'].map((name) => [name, new RegExp(`"${name}":(\\d+)`).exec(text)![1]!]),
  );
}

it('a limit of 2^53−1 is admitted to the last unit, and counted and shown to the unit', async () => {
  const most = 1_000_000_000;
  const admitted = [];
  for (let at = 0; at < 4; at += 1) admitted.push(await admit(models.code, most, most));
  admitted.push(await admit(models.code, most, 7_199_254));
  expect(admitted.map(({ remaining }) => remaining)).toEqual([
    7_007_199_254_740_991, 5_007_199_254_740_991, 3_007_199_254_740_991, 1_007_199_254_740_991, 740_991,
  ]);
  expect(await admit(models.conversation, 740_992, 0)).toMatchObject({ code: 'quota_exhausted', remaining: 740_991 });
  expect(await admit(models.conversation, 740_990, 0)).toMatchObject({ code: 'allowed', remaining: 1 });
  expect(await admit(models.conversation, 1, 1)).toMatchObject({ code: 'quota_exhausted', remaining: 1 });
  expect(await admit(models.conversation, 0, 1)).toMatchObject({ code: 'allowed', remaining: 0 });
  expect(await admit(models.conversation, 0, 1)).toMatchObject({ code: 'quota_exhausted', remaining: 0 });
  expect(await shown()).toEqual({ limit: '9007199254740991', leased: '9007199254740991', used: '0', overrun: '0' });

  const event = { model: models.code, served_model: models.code, input_tokens: most, output_tokens: most };
  const body = admitted
    .slice(0, 4)
    .map(({ authorization }, at) =>
      usageEvent(`large ${at}`, story.keys[0]!, stage.clock.now(), { ...event, authorization }),
    );
  await ask(`${stage.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body });
  expect(await shown()).toEqual({
    limit: '9007199254740991',
    leased: '1007199254740991',
    used: '8000000000000000',
    overrun: '0',
  });

  await stage.app.get(Sweeper).sweep();
  const { data } = done(
    await get<{ data: { action: string; detail: object }[] }>(stage, story.cast.partnerAdmin, '/v1/audit-entries'),
  );
  const reached = data.filter(({ action }) => action === 'quota.reached_100_percent');
  expect(reached).toMatchObject([{ detail: { limit, counted: limit } }]);
});

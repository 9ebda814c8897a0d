import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { models } from '../../../src/demo/agreement.js';
import { day } from '../../../src/kernel/clock.js';
import { ask, given, Given, question, usageEvent } from '../../setup/given.js';
import { openStage, Stage } from '../../setup/stage.js';
import { windowsIn } from '../../setup/windows.js';

interface Decided {
  decision: string;
  code: string;
  authorization: string | null;
}

const limit = 2_000;
let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, limit);
});

afterAll(() => stage.stop());

/** Asks so many questions at once that the node is busy. */
async function decide(many: number, changes: object = {}): Promise<Decided[]> {
  const questions = Array.from({ length: many }, (_, at) => question(story.keys[at % 3]!, changes));
  const { status, body } = await ask<{ answers: Decided[] }>(`${stage.gatewayUrl}/v1/authorizations/batch`, {
    token: story.gatewayCredential,
    body: { questions },
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.answers;
}

const allowedOf = (answers: readonly Decided[]) => answers.filter(({ decision }) => decision === 'allow');
const isToken = ({ authorization }: Decided) => authorization?.includes('.') ?? false;

/** Keeps the node busy until it decides from memory. */
async function busy(): Promise<Decided[]> {
  const all: Decided[] = [];
  for (let round = 0; round < 40; round += 1) {
    const answers = await decide(100);
    all.push(...answers);
    if (answers.filter(isToken).length > 50) return all;
    await setTimeout(50);
  }
  throw new Error('It never decided from memory.');
}

const hot = async () => (await windowsIn(stage)).findLast(({ quota }) => quota === 'code-requests-daily')!;

async function count(sql: string): Promise<number> {
  return Number((await stage.sql<{ count: string }>(sql))[0]!.count);
}

const journaled = () =>
  count(`SELECT count(*) AS count FROM decision_record WHERE code = 'allowed' AND at >= '${today()}'`);
const lent = () =>
  count(`SELECT coalesce(sum(l.granted - l.spent), 0) AS count FROM quota_lease l JOIN quota_window w ON w.id = l.window_id
    WHERE l.state <> 'closed' AND w.quota_id = 'code-requests-daily' AND w.starts_at >= '${today()}'`);
const today = () => stage.clock.now().toISOString().slice(0, 10);

beforeEach(() => stage.clock.advance(day));

describe('a busy node', () => {
  it('decides from memory, and everything it decided is written down soon after, in the ledger as in the journal', async () => {
    const allowed = allowedOf(await busy());
    await expect.poll(journaled).toBe(allowed.length);
    // In one look, for what is lent changes from one to the next.
    const reserved = () =>
      count(`SELECT w.leased - coalesce(sum(l.granted - l.spent) FILTER (WHERE l.state <> 'closed'), 0) AS count
        FROM quota_window w LEFT JOIN quota_lease l ON l.window_id = w.id
        WHERE w.quota_id = 'code-requests-daily' AND w.starts_at >= '${today()}' GROUP BY w.id`);
    await expect.poll(reserved).toBe(allowed.length);
    expect((await hot()).used).toBe(0);
  });

  it('lets in exactly the limit, and the last unit is reached', async () => {
    let allowed = allowedOf(await busy()).length;
    for (let idle = 0; idle < 60 && allowed < limit;) {
      const more = allowedOf(await decide(100)).length;
      allowed += more;
      if (more > 0) continue;
      // What a lease holds and does not use is there for others when it has gone back.
      idle += 1;
      await setTimeout(100);
    }
    expect(allowed).toBe(limit);
    expect(allowedOf(await decide(100))).toHaveLength(0);
    await expect.poll(journaled).toBe(limit);
    await expect.poll(hot).toMatchObject({ leased: limit, used: 0, overrun: 0 });
  });

  it('takes a report of use before its journal did', async () => {
    const first = allowedOf(await busy()).find(isToken)!;
    const [fresh] = (await decide(1)).filter(isToken);
    const tokens = [first, fresh ?? first].map(({ authorization }) => authorization);
    const events = [...new Set(tokens)].map((authorization, at) =>
      usageEvent(`${today()} ${at}`, story.keys[0]!, stage.clock.now(), { authorization }),
    );
    const { body } = await ask<{ results: { result: string }[] }>(`${stage.apiUrl}/v1/usage-events`, {
      token: story.gatewayCredential,
      body: events,
    });
    expect(body.results.every(({ result }) => result === 'recorded')).toBe(true);
    const states = await stage.sql<{ state: string }>(
      'SELECT authorization_state AS state FROM usage_event WHERE event_id = ANY($1)',
      [events.map(({ id }) => id)],
    );
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['settled']));
    await expect.poll(hot).toMatchObject({ used: events.length });
  });

  it('is settled by the token of its decision', async () => {
    const [{ authorization }] = allowedOf(await busy()).filter(isToken) as [Decided];
    const figures = { status: 200, input_tokens: 100, output_tokens: 7, served_model: models.code };
    const url = `${stage.gatewayUrl}/v1/authorizations/${authorization}/settle`;
    for (const _ of [1, 2]) {
      expect(await ask(url, { token: story.gatewayCredential, body: figures })).toMatchObject({ status: 200 });
    }
    expect(await hot()).toMatchObject({ used: 1 });
  });

  it('keeps refusals that are alike as one row, with how many there were', async () => {
    await busy();
    const answers = await decide(100, { model: 'a model that nobody offers' });
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['model_not_in_scope']));
    const kept = () =>
      count(`SELECT coalesce(sum(repeated), 0) AS count FROM decision_record
        WHERE model = 'a model that nobody offers' AND at >= '${today()}'`);
    await expect.poll(kept).toBe(100);
    expect(
      await count(`SELECT count(*) AS count FROM decision_record
        WHERE model = 'a model that nobody offers' AND at >= '${today()}'`),
    ).toBeLessThan(50);
  });

  it('gives back what it does not use, and holds nothing when nobody asks', async () => {
    await busy();
    expect(await lent()).toBeGreaterThan(0);
    await expect.poll(lent, { timeout: 10_000 }).toBe(0);
    expect((await hot()).leased).toBe(await journaled());
  });
});

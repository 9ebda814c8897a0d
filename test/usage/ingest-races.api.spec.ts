import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { IngestAnswer } from '../../src/usage/usage.dto.js';
import { ask, given, Given, question, usageEvent } from '../setup/given.js';
import { openSecondInstance } from '../setup/second-instance.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

describe('the same events, sent several times at once in any order, through two instances', () => {
  let stage: Stage;
  let second: Awaited<ReturnType<typeof openSecondInstance>>;
  let story: Given;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage, 1_000);
    second = await openSecondInstance(stage);
  });

  afterAll(async () => {
    await second.stop();
    await stage.stop();
  });

  /** Sends a batch as a gateway does: after a 503 once more, until it is told what became of each. */
  async function send(at: number, body: object[]): Promise<IngestAnswer> {
    for (;;) {
      const url = `${at % 2 === 0 ? stage.apiUrl : second.apiUrl}/v1/usage-events`;
      const answer = await ask<IngestAnswer>(url, { token: story.gatewayCredential, body });
      if (answer.status === 503) continue;
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      return answer.body;
    }
  }

  async function authorizations(count: number): Promise<string[]> {
    const answers = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        ask<{ authorization: string }>(`${stage.gatewayUrl}/v1/authorizations`, {
          token: story.gatewayCredential,
          body: question(story.keys[at % 3]!),
        }),
      ),
    );
    return answers.map(({ body }) => body.authorization);
  }

  async function totals() {
    const [events, rollup, windows] = await Promise.all([
      stage.sql('SELECT count(*)::int AS requests, sum(output_tokens)::int AS output FROM usage_event'),
      stage.sql('SELECT sum(requests)::int AS requests, sum(output_tokens)::int AS output FROM usage_rollup'),
      windowsIn(stage),
    ]);
    return { events: events[0], rollup: rollup[0], windows };
  }

  it('each is counted once: events, rollups and quotas agree, nobody deadlocks, no fault of ours', async () => {
    let expected = { requests: 0, output: 0 };
    const seeds = fc.sample(fc.integer(), { numRuns: 6, seed: 20_261_122 });
    for (const [round, seed] of seeds.entries()) {
      const cited = await authorizations(90);
      const events = Array.from({ length: 120 }, (_, at) =>
        usageEvent(`${round}-${at}`, story.keys[at % 3]!, stage.clock.now(), {
          output_tokens: at,
          ...(at < 90 && { authorization: cited[at] }),
        }),
      );
      const copies = fc.sample(
        fc.shuffledSubarray(
          events.flatMap((event, at) => Array.from({ length: 1 + (at % 5) }, () => event)),
          { minLength: 360 },
        ),
        { numRuns: 1, seed },
      )[0]!;
      const batches = Array.from({ length: 12 }, (_, at) => copies.filter((_event, place) => place % 12 === at));
      const answers = await Promise.all(batches.map((batch, at) => send(at, batch)));
      expect(answers.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(events.length);
      expect(answers.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(copies.length - events.length);
      const output = events.reduce((sum, _event, at) => sum + at, 0);
      expected = { requests: expected.requests + events.length, output: expected.output + output };
      const { events: kept, rollup, windows } = await totals();
      expect({ kept, rollup }).toEqual({ kept: expected, rollup: expected });
      const today = windows.filter(({ startsAt }) => startsAt.getTime() + day > stage.clock.now().getTime());
      const hot = today.find(({ quota }) => quota === 'code-requests-daily');
      expect(hot).toMatchObject({ leased: 0, used: 120, overrun: 0 });
      expect(today.find(({ quota }) => quota === 'output-tokens-daily')).toMatchObject({ leased: 0, used: output });
      stage.clock.advance(day);
    }
  });

  it('of contradicting payloads under one identity sent at once, one is kept and counted and all others conflict', async () => {
    const payloads = Array.from({ length: 20 }, (_, at) =>
      usageEvent('contested', story.keys[0]!, stage.clock.now(), { output_tokens: 1_000 + at }),
    );
    const before = (await totals()).rollup as { output: number };
    const answers = await Promise.all(payloads.map((event, at) => send(at, [event])));
    expect(answers.filter(({ recorded }) => recorded === 1)).toHaveLength(1);
    expect(answers.filter(({ conflicts }) => conflicts === 1)).toHaveLength(19);
    const winner = answers.findIndex(({ recorded }) => recorded === 1);
    const after = (await totals()).rollup as { output: number };
    expect(after.output - before.output).toBe(1_000 + winner);
  });

  it('of many events that cite one authorization at once, exactly one settles it', async () => {
    stage.clock.advance(day);
    const [authorization] = await authorizations(1);
    const events = Array.from({ length: 20 }, (_, at) =>
      usageEvent(`cites-${at}`, story.keys[0]!, stage.clock.now(), { authorization }),
    );
    await Promise.all(events.map((event, at) => send(at, [event])));
    const states = await stage.sql<{ state: string; count: number }>(
      `SELECT authorization_state AS state, count(*)::int AS count FROM usage_event WHERE event_id LIKE 'cites-%'
       GROUP BY 1 ORDER BY 1`,
    );
    expect(states).toEqual([
      { state: 'reused', count: 19 },
      { state: 'settled', count: 1 },
    ]);
    const hot = (await windowsIn(stage)).filter(({ quota }) => quota === 'code-requests-daily').at(-1);
    expect(hot).toMatchObject({ leased: 0, used: 20 });
  });
});

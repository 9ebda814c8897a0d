import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../src/demo/agreement.js';
import { day } from '../../src/kernel/clock.js';
import { ask, given, Given, question, usageEvent } from '../setup/given.js';
import { openSecondInstance } from '../setup/second-instance.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

const limit = 100;
const asks = 200;

interface Decided {
  decision: string;
  code: string;
  authorization: string | null;
}

const estimate = (at: number) => ({ input_tokens: 1, max_output_tokens: 900_000 + at * 7_919 });

describe('a limit under many questions at once, through two instances over one database', () => {
  let stage: Stage;
  let second: Awaited<ReturnType<typeof openSecondInstance>>;
  let story: Given;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage, limit);
    second = await openSecondInstance(stage);
  });

  afterAll(async () => {
    await second.stop();
    await stage.stop();
  });

  async function decide(at: number, changes: object = {}): Promise<Decided> {
    const origin = at % 2 === 0 ? stage.gatewayUrl : second.gatewayUrl;
    const answer = await ask<Decided>(`${origin}/v1/authorizations`, {
      token: story.gatewayCredential,
      body: question(story.keys[at % 3]!, changes),
    });
    expect(answer.status).toBe(200);
    return answer.body;
  }

  async function hotWindow() {
    const own = (await windowsIn(stage)).filter(({ quota }) => quota === 'code-requests-daily');
    return own.at(-1)!;
  }

  it('exactly the limit is allowed, round after round, and the ledger and the journal say the same', async () => {
    for (const round of [1, 2, 3, 4]) {
      const decided = await Promise.all(Array.from({ length: asks }, (_, at) => decide(at)));
      const codes = Map.groupBy(decided, ({ code }) => code);
      expect(codes.get('allowed')).toHaveLength(limit);
      expect(codes.get('quota_exhausted')).toHaveLength(asks - limit);
      expect(await hotWindow()).toMatchObject({ limit, leased: limit, used: 0, overrun: 0 });
      const kept = await stage.sql<{ id: string }>(
        "SELECT id FROM decision_record WHERE code = 'allowed' AND at = $1 AND model = $2",
        [stage.clock.now(), models.code],
      );
      const allowed = decided.flatMap(({ authorization }) => authorization ?? []);
      expect(kept.map(({ id }) => id).toSorted(), `round ${round}`).toEqual(allowed.toSorted());
      stage.clock.advance(day);
    }
  });

  it('the last unit is reached, one by one, and no sooner refused', async () => {
    for (let at = 0; at < limit; at += 1) expect((await decide(at)).decision).toBe('allow');
    expect((await decide(0)).code).toBe('quota_exhausted');
    stage.clock.advance(day);
  });

  it('questions of different sizes never take more tokens together than there are', async () => {
    const changes = (at: number) => ({ model: models.conversation, estimate: estimate(at) });
    const decided = await Promise.all(Array.from({ length: 60 }, (_, at) => decide(at, changes(at))));
    const taken = decided.reduce(
      (sum, { decision }, at) => sum + (decision === 'allow' ? estimate(at).max_output_tokens : 0),
      0,
    );
    const window = (await windowsIn(stage)).filter(({ quota }) => quota === 'output-tokens-daily').at(-1)!;
    expect(window.leased).toBe(taken);
    expect(taken).toBeLessThanOrEqual(window.limit);
    const smallestRefused = decided.findIndex(({ decision }) => decision === 'deny');
    expect(smallestRefused).toBeGreaterThan(-1);
    expect(taken + estimate(smallestRefused).max_output_tokens).toBeGreaterThan(window.limit);
    stage.clock.advance(day);
  });

  it('reports that settle while others ask leave the limit exact: allowed is what was used and is reserved', async () => {
    const first = await Promise.all(Array.from({ length: 60 }, (_, at) => decide(at)));
    const events = first.map(({ authorization }, at) =>
      usageEvent(`settles-${at}`, story.keys[at % 3]!, stage.clock.now(), { authorization }),
    );
    const [rest, ...reports] = await Promise.all([
      Promise.all(Array.from({ length: 120 }, (_, at) => decide(at))),
      ...[0, 1, 2].map((part) =>
        ask(`${part % 2 ? second.apiUrl : stage.apiUrl}/v1/usage-events`, {
          token: story.gatewayCredential,
          body: events.filter((_, at) => at % 3 === part),
        }),
      ),
    ]);
    expect(reports.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(rest.filter(({ decision }) => decision === 'allow')).toHaveLength(limit - 60);
    expect(await hotWindow()).toMatchObject({ leased: limit - 60, used: 60, overrun: 0 });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { models } from '../../../src/demo/agreement.js';
import { profiles } from '../../../src/gateway/forward-auth/profiles.js';
import { Freshness, freshFor } from '../../../src/gateway/snapshot/freshness.js';
import { Snapshot } from '../../../src/gateway/snapshot/snapshot.js';
import { sha256 } from '../../../src/kernel/digests.js';
import { Decided } from '../../setup/desk.js';
import { Answer, ask, given, Given, question } from '../../setup/given.js';
import { until } from '../../setup/listening.js';
import { openSecondInstance } from '../../setup/second-instance.js';
import { SeverableLink, severableLink } from '../../setup/severable-link.js';
import { openStage, Stage } from '../../setup/stage.js';

let stage: Stage;
let story: Given;
let link: SeverableLink;
let node: Awaited<ReturnType<typeof openSecondInstance>>;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

beforeEach(async () => {
  link = await severableLink(stage.ownerUrl);
  node = await openSecondInstance(stage, link.url);
});

afterEach(async () => {
  link.mend();
  await node.stop();
  await link.stop();
});

const decide = (token = story.gatewayCredential): Promise<Answer<Decided>> =>
  ask(`${node.gatewayUrl}/v1/authorizations`, { token, body: question(story.keys[0]!) });
const ready = async () => (await ask(`${node.gatewayUrl}/health/ready`, { method: 'GET' })).status;
const freshness = () => node.app.get(Freshness);
const refused = { decision: 'deny', code: 'stale_authority', authorization: null, key_id: null, limits: [] };

/** How long the node had no proof when it stopped being fresh; by its own figure, in milliseconds. */
async function staleAfter(): Promise<number> {
  await until(() => !freshness().fresh(), 'the end of freshness');
  return freshness().age();
}

describe.each(['cut', 'stall'] as const)('a node whose link to the database is lost: %s', (trouble) => {
  it('refuses every question with stale_authority from five seconds after its last proof, and admits again when mended', async () => {
    expect((await decide()).body.code).toBe('allowed');
    expect(await ready()).toBe(200);
    link[trouble]();
    expect(await staleAfter()).toBeLessThan(freshFor + 500);
    const begun = performance.now();
    const { status, body } = await decide();
    expect({ status, body }).toMatchObject({ status: 200, body: refused });
    // It asks the database nothing, so it does not wait for it.
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(await ready()).toBe(503);
    expect((await decide('parley_gateway_'.padEnd(58, 'x'))).status).toBe(401);
    link.mend();
    await until(async () => (await ready()) === 200, 'a node that is ready');
    expect((await decide()).body.code).toBe('allowed');
  }, 40_000);
});

describe('a node that is not fresh', () => {
  it('answers who waited when its link went silent by five seconds after its last proof', async () => {
    link.stall();
    const waiting = [decide(), decide()];
    const batch = ask<{ answers: object[] }>(`${node.gatewayUrl}/v1/authorizations/batch`, {
      token: story.gatewayCredential,
      body: { questions: [question(story.keys[0]!), question(story.keys[1]!)] },
    });
    for (const { body } of await Promise.all(waiting)) expect(body).toMatchObject(refused);
    expect(freshness().age()).toBeLessThan(freshFor + 1_000);
    expect((await batch).body.answers).toMatchObject([refused, refused]);
  }, 40_000);

  it('tells every forward-auth gateway that nothing can be decided now; to nginx in the words it knows', async () => {
    link.cut();
    await staleAfter();
    const headers = {
      'X-Parley-Gateway': story.gatewayCredential,
      'X-Parley-Model': models.code,
      'X-Parley-Endpoint': 'messages',
      'X-Parley-Input-Tokens': '100',
      'X-Parley-Max-Output-Tokens': '50',
      Authorization: `Bearer ${story.keys[0]!.key}`,
    };
    for (const { path } of profiles) {
      const url = `${node.gatewayUrl}${path.replace('/*', '/v1/messages')}`;
      const answer = await ask(url, { method: 'GET', headers });
      const isNginx = path.includes('nginx');
      expect(answer.status, path).toBe(isNginx ? 403 : 503);
      if (isNginx) expect(answer.headers.get('x-authz-status')).toBe('503');
      expect(answer.body.code, path).toBe('stale_authority');
      expect(answer.headers.get('retry-after'), path).toMatch(/^[1-5]$/);
    }
  }, 40_000);

  it('still knows what it knew, and what nobody issued, without asking anybody', async () => {
    link.cut();
    const snapshot = node.app.get(Snapshot);
    const at = stage.clock.now();
    const { key, publicId } = story.keys[0]!;
    expect(snapshot.find(sha256(key).toString('hex'), at)).toMatchObject({ publicId });
    expect(snapshot.find(sha256('a key that nobody issued').toString('hex'), at)).toBe('not_issued');
  });

  it('shows in the figures of the node', async () => {
    const figures = async () => (await ask<string>(`${node.gatewayUrl}/metrics`, { method: 'GET' })).body;
    expect(await figures()).toMatch(/^parley_snapshot_keys 3$/m);
    const seconds = async () => Number(/^parley_freshness_seconds (.*)$/m.exec(await figures())![1]);
    expect(await seconds()).toBeLessThan(5);
    link.cut();
    await staleAfter();
    expect(await seconds()).toBeGreaterThan(5);
  }, 40_000);

  it('told the database when it was last up to date, and leaves when it stops', async () => {
    const rows = () =>
      stage.sql<{ live: boolean; left: boolean }>(
        `SELECT seen_at > now() - interval '3 seconds' AS live, left_at IS NOT NULL AS left
         FROM gateway_node ORDER BY started_at DESC LIMIT 1`,
      );
    expect(await rows()).toEqual([{ live: true, left: false }]);
    link.stall();
    await sleep(3_500);
    expect(await rows()).toEqual([{ live: false, left: false }]);
    link.mend();
    await until(async () => (await rows())[0]!.live, 'a node that is heard of');
    await node.stop();
    expect(await rows()).toMatchObject([{ left: true }]);
    node = await openSecondInstance(stage, link.url);
  }, 40_000);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresses, models, unreleasedModel } from '../../src/demo/agreement.js';
import { ClaimedKey, signContract } from '../../src/demo/contract.js';
import { day } from '../../src/kernel/clock.js';
import { newKey } from '../../src/keys/key-string.js';
import { DENY_CODES } from '../../src/terms/deciding/decision.js';
import { ask, given, Given, question } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { windowsIn } from '../setup/windows.js';

interface Decided {
  decision: string;
  code: string;
  authorization: string | null;
  key_id: string | null;
  limits: { quota: string; limit: number; remaining: number; resets_at: string }[];
  reasons: { clauseRef: string; rule: string; expected: string; observed: string }[];
}

// `purpose_not_permitted` cannot be produced yet, because a campaign must fit the terms and terms cannot be amended;
// nor `rate_limited`, because no limit on pace is held; nor `stale_authority`, because this node is fresh.
const notProducibleYet = ['purpose_not_permitted', 'rate_limited', 'stale_authority'];
const met = new Set<string>();

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 5);
});

afterAll(() => stage.stop());

async function decide(key: ClaimedKey, changes: object = {}): Promise<Decided> {
  const answer = await ask<Decided>(`${stage.gatewayUrl}/v1/authorizations`, {
    token: story.gatewayCredential,
    body: question(key, changes),
  });
  expect(answer.status).toBe(200);
  met.add(answer.body.code);
  return answer.body;
}

/** What a refusal must be: no authorization, its code, and every failing rule with its clause; and nothing burnt. */
async function expectRefused(key: ClaimedKey, changes: object, code: string, rules: Record<string, string>) {
  const before = await windowsIn(stage);
  const decided = await decide(key, changes);
  expect(decided).toMatchObject({ decision: 'deny', code, authorization: null });
  const clauses = Object.fromEntries(decided.reasons.map(({ rule, clauseRef }) => [rule, clauseRef]));
  expect(clauses).toEqual(rules);
  const counts = new Map(before.map((w) => [`${w.quota} ${w.subject} ${w.startsAt.getTime()}`, w.leased + w.used]));
  for (const { quota, subject, startsAt, leased, used } of await windowsIn(stage)) {
    expect(leased + used).toBe(counts.get(`${quota} ${subject} ${startsAt.getTime()}`) ?? 0);
  }
}

/** Another key for the researcher, in place of one that is revoked to make room for it. */
async function anotherKey(instead: ClaimedKey, changes: object): Promise<ClaimedKey> {
  const { compliance, researcher, partnerAdmin, partnerships } = story.cast;
  await compliance.post(`/v1/keys/${instead.id}/revocation`, { reason: 'Another one is needed.' });
  const campaigns = await researcher.all<{ id: string }>('/v1/campaigns');
  const request = await researcher.post<{ id: string }>(`/v1/campaigns/${campaigns[0]!.id}/key-requests`, {
    models: Object.values(models),
    capabilities: ['sampling'],
    endpoints: ['messages'],
    networks: null,
    expiresAt: story.until.toISOString(),
    justification: 'The test asks for it.',
    ...changes,
  });
  await partnerAdmin.post(`/v1/key-requests/${request.id}/approval`);
  await partnerships.post(`/v1/key-requests/${request.id}/approval`);
  return researcher.post<ClaimedKey>(`/v1/key-requests/${request.id}/claim`);
}

const because = { reasonCode: 'investigation', reason: 'The test looks into it.' };

/** Stops something, runs the check, and has two people lift the stop again. */
async function whileStopped(path: string, body: object, check: () => Promise<void>): Promise<void> {
  const { compliance, partnerships } = story.cast;
  const { id } = await compliance.post<{ id: string }>(path, { ...because, ...body });
  await check();
  await compliance.post(`/v1/suspensions/${id}/lift-proposal`);
  await partnerships.post(`/v1/suspensions/${id}/lifting`);
  expect((await decide(story.keys[0]!, { model: models.conversation })).decision).toBe('allow');
}

describe('a question that the agreement answers with yes', () => {
  it('is allowed, names what it stands on, and says what is left of each limit and until when', async () => {
    const decided = await decide(story.keys[0]!);
    expect(decided).toMatchObject({
      decision: 'allow',
      code: 'allowed',
      key_id: story.keys[0]!.publicId,
      agreement_id: story.agreementId,
      agreement_version: 1,
      purpose: 'robustness.jailbreak',
      reasons: [],
      fresh_as_of: stage.clock.now().toISOString(),
    });
    const resets = '2026-03-03T00:00:00.000Z';
    expect(decided.limits).toEqual([
      { quota: 'code-requests-daily', scope: 'agreement', currency: null, limit: 5, remaining: 4, resets_at: resets },
      {
        quota: 'key-requests-daily',
        scope: 'key',
        currency: null,
        limit: 50_000,
        remaining: 49_999,
        resets_at: resets,
      },
      {
        quota: 'output-tokens-daily',
        scope: 'agreement',
        currency: null,
        limit: 20_000_000,
        remaining: 19_999_950,
        resets_at: resets,
      },
    ]);
  });

  it('reserves the upper bound that was estimated, and its authorization is kept', async () => {
    const before = (await windowsIn(stage)).find(({ quota }) => quota === 'output-tokens-daily')!;
    const { authorization } = await decide(story.keys[0]!, {
      model: models.conversation,
      estimate: { input_tokens: 7, max_output_tokens: 321 },
    });
    const after = (await windowsIn(stage)).find(({ quota }) => quota === 'output-tokens-daily')!;
    expect(after.leased - before.leased).toBe(321);
    const kept = await stage.sql('SELECT code, input_tokens, output_tokens FROM decision_record WHERE id = $1', [
      authorization,
    ]);
    expect(kept).toEqual([{ code: 'allowed', input_tokens: 7, output_tokens: 321 }]);
  });
});

describe('a question that is refused', () => {
  it('malformed_key: what was presented is no key, be it a wrong word or one changed letter', async () => {
    const { key } = story.keys[0]!;
    const changed = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    for (const wrong of ['a', changed, ` ${key}`, key.toUpperCase()]) {
      await expectRefused(story.keys[0]!, { key: wrong }, 'malformed_key', { key: '' });
    }
  });

  it('unknown_key: well formed, and never issued', async () => {
    await expectRefused(story.keys[0]!, { key: newKey('live').key }, 'unknown_key', { key: '' });
  });

  it('key_suspended: from the next decision on, until two people lift it', async () => {
    const [first, second] = story.keys;
    await whileStopped(`/v1/keys/${first!.id}/suspensions`, {}, async () => {
      await expectRefused(first!, {}, 'key_suspended', { suspension: '11' });
      expect((await decide(second!, { model: models.conversation })).decision).toBe('allow');
    });
  });

  it('agreement_suspended: the organisation, the agreement, its purpose, one researcher or one model is stopped', async () => {
    const partners = await story.cast.compliance.all<{ id: string }>('/v1/partners');
    const at = `/v1/agreements/${story.agreementId}/suspensions`;
    const refused = () => expectRefused(story.keys[0]!, {}, 'agreement_suspended', { suspension: '11' });
    await whileStopped(`/v1/partners/${partners[0]!.id}/suspensions`, {}, refused);
    await whileStopped(at, { scope: 'agreement' }, refused);
    await whileStopped(at, { scope: 'purpose', target: 'robustness.jailbreak' }, refused);
    const { id } = await story.cast.researcher.get<{ id: string }>('/v1/me');
    await whileStopped(at, { scope: 'researcher', target: id }, refused);
    await whileStopped(at, { scope: 'model', target: models.code }, async () => {
      await refused();
      expect((await decide(story.keys[0]!, { model: models.conversation })).decision).toBe('allow');
    });
  });

  it('researcher_not_on_roster: while the researcher’s account is suspended', async () => {
    const { id } = await story.cast.researcher.get<{ id: string }>('/v1/me');
    await story.cast.partnerAdmin.post(`/v1/users/${id}/suspension`);
    await expectRefused(story.keys[0]!, {}, 'researcher_not_on_roster', { roster: '6' });
    const { accessToken } = (
      await ask<{ accessToken: string }>(`${stage.apiUrl}/v1/sessions`, {
        body: { email: 'pia@rival.example', password: 'correct horse battery staple' },
      })
    ).body;
    await ask(`${stage.apiUrl}/v1/users/${id}/suspension`, { method: 'DELETE', token: accessToken });
    expect((await decide(story.keys[0]!, { model: models.conversation })).decision).toBe('allow');
  });

  it('model_not_in_scope: a model that the terms, the campaign and the key do not name', async () => {
    const rules = { 'scope.models': '4', 'campaign.models': '4', 'key.models': '4' };
    await expectRefused(story.keys[0]!, { model: unreleasedModel }, 'model_not_in_scope', rules);
  });

  it('capability_not_in_scope: one that the terms lack, and one that only the key lacks', async () => {
    const both = { 'scope.capabilities': '4', 'key.capabilities': '4' };
    await expectRefused(story.keys[0]!, { capabilities: ['tools'] }, 'capability_not_in_scope', both);
    const keyOnly = { 'key.capabilities': '4' };
    await expectRefused(story.keys[0]!, { capabilities: ['system_prompt'] }, 'capability_not_in_scope', keyOnly);
  });

  it('endpoint_not_in_scope: an endpoint that nobody agreed on', async () => {
    const rules = { 'scope.endpoints': '4', 'key.endpoints': '4' };
    await expectRefused(story.keys[0]!, { endpoint: 'batches' }, 'endpoint_not_in_scope', rules);
  });

  it('network_not_allowed: from elsewhere, from nowhere, and from what is no address', async () => {
    for (const client of [
      { ip: addresses.elsewhere },
      {},
      { ip: null },
      { ip: 'localhost' },
      { ip: '198.51.100.20/24' },
    ]) {
      await expectRefused(story.keys[0]!, { client }, 'network_not_allowed', { 'networks.cidrs': '6' });
    }
  });

  it('names every failing rule at once, and the first of the fixed order is the code', async () => {
    const changes = { endpoint: 'batches', capabilities: ['tools'], client: { ip: addresses.elsewhere } };
    await expectRefused(story.keys[0]!, changes, 'capability_not_in_scope', {
      'scope.capabilities': '4',
      'key.capabilities': '4',
      'scope.endpoints': '4',
      'key.endpoints': '4',
      'networks.cidrs': '6',
    });
  });

  it('quota_exhausted: one more than the limit, while other models go on', async () => {
    for (let left = 4; left > 0; left -= 1) expect((await decide(story.keys[0]!)).limits[0]!.remaining).toBe(left - 1);
    await expectRefused(story.keys[1]!, {}, 'quota_exhausted', { 'quotas.code-requests-daily': '5' });
    expect((await decide(story.keys[1]!, { model: models.conversation })).decision).toBe('allow');
  });

  it('quota_exhausted: a request larger than all that is left, though nothing is used up', async () => {
    const huge = { model: models.conversation, estimate: { input_tokens: 1, max_output_tokens: 20_000_001 } };
    await expectRefused(story.keys[0]!, huge, 'quota_exhausted', { 'quotas.output-tokens-daily': '5' });
  });

  it('what is used up today is there again tomorrow', async () => {
    stage.clock.advance(day);
    expect((await decide(story.keys[0]!)).limits[0]).toMatchObject({ remaining: 4 });
  });

  it('key_revoked: from the next decision on, while the researcher’s other keys go on', async () => {
    const [first, , third] = story.keys;
    await story.cast.compliance.post(`/v1/keys/${third!.id}/revocation`, { reason: 'Found in public.' });
    await expectRefused(third!, {}, 'key_revoked', { 'key.state': '7' });
    expect((await decide(first!, { model: models.conversation })).decision).toBe('allow');
  });

  it('network_not_allowed: a key may be bound more tightly than the agreement', async () => {
    const key = await anotherKey(story.keys[2]!, { networks: ['198.51.100.64/26'] });
    await expectRefused(key, { client: { ip: addresses.office } }, 'network_not_allowed', { 'key.networks': '6' });
    expect((await decide(key, { client: { ip: '198.51.100.65' }, model: models.conversation })).decision).toBe('allow');
  });

  it('key_expired: from the very instant of its end on, and not a millisecond before', async () => {
    const ends = new Date(stage.clock.now().getTime() + day);
    const short = await anotherKey(story.keys[1]!, { expiresAt: ends.toISOString() });
    stage.clock.moveTo(new Date(ends.getTime() - 1));
    expect((await decide(short, { model: models.conversation })).decision).toBe('allow');
    stage.clock.moveTo(ends);
    await expectRefused(short, {}, 'key_expired', { 'key.lifetime': '7' });
  });

  it('researcher_not_on_roster: from their removal on', async () => {
    const roster = await story.cast.partnerAdmin.all<{ id: string }>(`/v1/roster?agreementId=${story.agreementId}`);
    await story.cast.partnerAdmin.post(`/v1/roster/${roster[0]!.id}/removal`, { reason: 'Rui has left.' });
    await expectRefused(story.keys[0]!, {}, 'researcher_not_on_roster', { roster: '6' });
  });

  it('campaign_not_active: once it is completed, whatever else is wrong as well', async () => {
    const campaigns = await story.cast.partnerAdmin.all<{ id: string }>('/v1/campaigns');
    await story.cast.partnerAdmin.post(`/v1/campaigns/${campaigns[0]!.id}/completion`);
    const rules = { 'campaign.state': '1', roster: '6' };
    await expectRefused(story.keys[0]!, {}, 'campaign_not_active', rules);
  });

  it('after the term a key is expired, since none outlives it, and the agreement is out of force too', async () => {
    stage.clock.moveTo(story.until);
    const { code, reasons } = await decide(story.keys[0]!);
    expect(code).toBe('key_expired');
    expect(reasons.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['key.lifetime', 'term', 'campaign.period']),
    );
  });
});

describe('an agreement that is signed and not yet in force', () => {
  it('agreement_not_in_force: until its term begins, and from that instant on allowed', async () => {
    const early = await openStage();
    const from = new Date(early.clock.now().getTime() + day);
    const until = new Date(from.getTime() + 10 * day);
    const contract = await signContract({ ...early, from, until, codeRequests: 5, tell: () => undefined });
    const put = async () =>
      (
        await ask<Decided>(`${early.gatewayUrl}/v1/authorizations`, {
          token: contract.gatewayCredential,
          body: question(contract.keys[0]!),
        })
      ).body;
    early.clock.moveTo(new Date(from.getTime() - 1));
    const refused = await put();
    met.add(refused.code);
    expect(refused).toMatchObject({ decision: 'deny', code: 'agreement_not_in_force', authorization: null });
    expect(refused.reasons.map(({ rule, clauseRef }) => `${rule} ${clauseRef}`)).toContain('term 2');
    early.clock.moveTo(from);
    expect(await put()).toMatchObject({ decision: 'allow' });
    await early.stop();
  });
});

describe('this file', () => {
  it('has met every code that today’s state can produce', () => {
    const expected = DENY_CODES.filter((code) => !notProducibleYet.includes(code));
    expect([...met].filter((code) => code !== 'allowed').toSorted()).toEqual(expected.toSorted());
  });
});

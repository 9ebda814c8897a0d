import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresses, models, unreleasedModel } from '../../src/demo/agreement.js';
import { day, hour } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { Terms } from '../../src/terms/terms.js';
import { contentsOf } from '../setup/contents.js';
import { done, post, Refused } from '../setup/desk.js';
import { Answer, ask, given, Given, question } from '../setup/given.js';
import { proposedCampaign } from '../setup/key-under.js';
import { openStage, Stage } from '../setup/stage.js';
import { askings, inOrder, put, states } from '../setup/standings.js';
import { draftFor, TextAtWork, withTerms } from '../setup/text-at-work.js';

interface Tried {
  outcome: string;
  code: string;
  reasons: { clauseRef: string; rule: string; expected: string; observed: string }[];
  applies: string[];
  basis: { kind: string; number: number; digest?: string };
  at: string;
  asked: { purpose: string; model: string; endpoint: string; capabilities: string[]; address: string | null };
}

/** A decision of a standing. */
type Judged = Pick<Tried, 'code' | 'reasons'> & { model: string };

const withoutPurpose = { model: models.code, endpoint: 'messages' };
const usual = { purpose: 'robustness.jailbreak', ...withoutPurpose };

let stage: Stage;
let story: Given;
let keyId: string;
let campaignId: string;
let researcherId: string;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 5);
  keyId = story.keys[0]!.id;
  campaignId = (await story.cast.researcher.all<{ id: string }>('/v1/campaigns'))[0]!.id;
  researcherId = (await story.cast.researcher.get<{ id: string }>('/v1/me')).id;
});

afterAll(() => stage.stop());

function attempt(body: object, agreementId = story.agreementId, by = story.cast.partnerAdmin) {
  return post<Tried>(stage, by, `/v1/agreements/${agreementId}/decisions`, body);
}

async function tried(body: object, agreementId?: string): Promise<Tried> {
  const answer = await attempt(body, agreementId, story.cast.partnerships);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

const rules = ({ reasons }: Tried) => reasons.map(({ rule }) => rule);
const pointerOf = ({ status, body }: Answer<Refused>) => ({ status, pointer: body.pointer });

describe('a purpose that nobody has a campaign for yet', () => {
  it('is decided on the terms in force, and the answer says what was supposed', async () => {
    expect(await tried(usual)).toEqual({
      outcome: 'allow',
      code: 'allowed',
      reasons: [],
      applies: ['code-requests-daily', 'key-requests-daily', 'output-tokens-daily'],
      basis: { kind: 'version', number: 1, digest: expect.stringMatching(/^sha-256:/) as string },
      at: stage.clock.now().toISOString(),
      asked: { ...usual, capabilities: ['sampling'], address: '198.51.100.0' },
    });
  });

  it('fails by rules of the terms alone, each with its clause, whatever is asked for', async () => {
    const body = {
      at: story.until.toISOString(),
      purpose: 'capability.cbrn',
      model: unreleasedModel,
      endpoint: 'batches',
      capabilities: ['tools'],
      address: addresses.elsewhere,
      estimate: { input_tokens: 0, max_output_tokens: 20_000_001 },
    };
    const { code, reasons } = await tried(body);
    expect(code).toBe('agreement_not_in_force');
    expect(reasons.map(({ rule, clauseRef }) => `${rule} ${clauseRef}`)).toEqual([
      'term 2',
      'purposes.permitted 1',
      'scope.models 4',
      'scope.capabilities 4',
      'scope.endpoints 4',
      'networks.cidrs 6',
      'quotas.output-tokens-daily 5',
    ]);
  });

  it('comes from no address where null is named', async () => {
    expect(await tried({ ...usual, address: null })).toMatchObject({ code: 'network_not_allowed' });
  });

  it('is asked about limits, not about room; for whoever is named, room is what is really left', async () => {
    const token = story.gatewayCredential;
    for (const _ of [1, 2, 3, 4, 5]) {
      await ask(`${stage.gatewayUrl}/v1/authorizations`, { token, body: question(story.keys[0]!) });
    }
    expect((await tried(usual)).code).toBe('allowed');
    for (const named of [{ campaignId }, { keyId }, { researcherId, purpose: usual.purpose }]) {
      const { code, reasons } = await tried({ ...withoutPurpose, ...named });
      expect({ code, expected: reasons[0]?.expected }).toEqual({
        code: 'quota_exhausted',
        expected: 'at most 0 requests',
      });
    }
    const tomorrow = new Date(stage.clock.now().getTime() + day).toISOString();
    expect((await tried({ ...withoutPurpose, keyId, at: tomorrow })).code).toBe('allowed');
  });
});

describe('what is named', () => {
  it('is judged as it stands: a campaign in its state and window, a researcher by the roster', async () => {
    const proposed = await proposedCampaign(story, story.agreementId, story.until);
    const before = new Date(story.from.getTime() - hour).toISOString();
    expect(rules(await tried({ ...withoutPurpose, campaignId: proposed, at: before }))).toEqual(
      expect.arrayContaining(['campaign.state', 'campaign.period']),
    );
    const { id: other } = await story.cast.partnerSignatory.get<{ id: string }>('/v1/me');
    expect(await tried({ ...usual, researcherId: other })).toMatchObject({ code: 'researcher_not_on_roster' });
    expect(rules(await tried({ ...withoutPurpose, keyId, purpose: 'robustness' }))).toContain('campaign.purpose');
  });

  it('is refused a researcher who is none any more', async () => {
    const become = async (...roles: string[]) => {
      const { status } = await fetch(`${stage.apiUrl}/v1/users/${researcherId}/roles`, {
        method: 'PUT',
        headers: {
          Authorization: `Bearer ${await story.cast.admin.freshToken()}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify({ roles }),
      });
      expect(status).toBe(200);
    };
    await become('partner_signatory');
    expect(await tried({ ...withoutPurpose, keyId })).toMatchObject({ code: 'researcher_not_on_roster' });
    await become('researcher');
  });

  it('implies its campaign and researcher where it is a key, and may not contradict them', async () => {
    const proposed = await proposedCampaign(story, story.agreementId, story.until);
    expect((await attempt({ ...usual, keyId, campaignId, researcherId })).status).toBe(200);
    const { id: other } = await story.cast.partnerSignatory.get<{ id: string }>('/v1/me');
    const wrong = { status: 422, pointer: '/campaignId' };
    expect(pointerOf(await attempt({ ...usual, keyId, campaignId: proposed }))).toEqual(wrong);
    expect(pointerOf(await attempt({ ...usual, keyId, researcherId: other }))).toEqual({
      status: 422,
      pointer: '/researcherId',
    });
  });

  it('is under this agreement: what is another’s is refused like what does not exist', async () => {
    const rival = await given.anotherRival(story);
    const [{ id: theirCampaign }] = (await rival.cast.partnerAdmin.all<{ id: string }>('/v1/campaigns')) as [
      { id: string },
    ];
    const { id: theirResearcher } = await rival.cast.researcher.get<{ id: string }>('/v1/me');
    const theirs = { keyId: rival.keys[0]!.id, campaignId: theirCampaign, researcherId: theirResearcher };
    for (const [field, id] of Object.entries(theirs)) {
      const [foreign, absent] = [
        await attempt({ ...usual, [field]: id }),
        await attempt({ ...usual, [field]: newId(stage.clock.now()) }),
      ];
      expect(pointerOf(foreign)).toEqual({ status: 422, pointer: `/${field}` });
      const { code, detail, pointer, expected } = foreign.body;
      expect(absent.body).toMatchObject({ code, detail, pointer, expected });
    }
    expect((await attempt(usual, rival.agreementId)).status).toBe(404);
  });

  it.each([
    [withoutPurpose, '/purpose'],
    [{ purpose: usual.purpose, endpoint: 'messages' }, '/model'],
    [{ ...usual, estimate: { input_tokens: 1.5, max_output_tokens: 0 } }, '/estimate/input_tokens'],
    [{ ...usual, at: 'now' }, '/at'],
    [{ ...usual, outcome: 'allow' }, '/outcome'],
  ])('is told to be wrong with a pointer: %j', async (body, pointer) => {
    expect(pointerOf(await attempt(body))).toEqual({ status: 422, pointer });
  });
});

describe('another time', () => {
  it('goes by the version that holds then, the past by that of its own time', async () => {
    const effectiveFrom = new Date(stage.clock.now().getTime() + hour);
    const narrower = (terms: Terms): Terms => ({
      ...terms,
      networks: { ...terms.networks, cidrs: ['203.0.113.0/24'] },
    });
    const { terms } = await story.cast.compliance.get<{ terms: Terms }>(
      `/v1/agreements/${story.agreementId}/versions/1`,
    );
    const draft = withTerms({ ...draftFor(story, 1), terms }, narrower);
    const change = { kind: 'material', effectiveFrom } as const;
    await (await TextAtWork.amendment(story, story.agreementId, draft, change)).executed();
    const at = (milliseconds: number) => new Date(effectiveFrom.getTime() + milliseconds).toISOString();
    const from = { ...usual, address: addresses.office };
    const check = async () => {
      expect(await tried({ ...from, at: at(-1) })).toMatchObject({ code: 'allowed', basis: { number: 1 } });
      expect(await tried({ ...from, at: at(0) })).toMatchObject({ code: 'network_not_allowed', basis: { number: 2 } });
    };
    await check();
    stage.clock.moveTo(new Date(effectiveFrom.getTime() + hour));
    await check();
    expect(await tried(from)).toMatchObject({ code: 'network_not_allowed', basis: { kind: 'version', number: 2 } });
  });

  it('goes by the stops, the roster and the key of that time', async () => {
    const moments: string[] = [];
    const mark = () => {
      stage.clock.advance(hour);
      moments.push(stage.clock.now().toISOString());
      stage.clock.advance(hour);
    };
    const { compliance, partnerships, partnerAdmin } = story.cast;
    const third = story.keys[2]!.id;
    const because = { reasonCode: 'investigation', reason: 'The test looks into it.' };
    mark();
    const stop = await compliance.post<{ id: string }>(`/v1/keys/${third}/suspensions`, because);
    mark();
    await compliance.post(`/v1/suspensions/${stop.id}/lift-proposal`);
    await partnerships.post(`/v1/suspensions/${stop.id}/lifting`);
    mark();
    await compliance.post(`/v1/keys/${third}/revocation`, { reason: 'Found in public.' });
    mark();
    const roster = await partnerAdmin.all<{ id: string }>(`/v1/roster?agreementId=${story.agreementId}`);
    await partnerAdmin.post(`/v1/roster/${roster[0]!.id}/removal`, { reason: 'They have left.' });
    mark();
    const asked = { ...withoutPurpose, model: models.conversation, keyId: third };
    const codes: string[] = [];
    for (const at of moments) codes.push((await tried({ ...asked, at })).code);
    expect(codes).toEqual(['allowed', 'key_suspended', 'allowed', 'key_revoked', 'key_revoked']);
    const last = { ...usual, model: models.conversation, researcherId };
    expect((await tried({ ...last, at: moments[3] })).code).toBe('allowed');
    expect((await tried({ ...last, at: moments[4] })).code).toBe('researcher_not_on_roster');
    const beforeIssue = new Date(story.from.getTime() - 1).toISOString();
    expect((await tried({ ...asked, at: beforeIssue })).code).toBe('unknown_key');
  });
});

describe('an agreement that is not executed', () => {
  it('is judged by its newest revision as if it were, and the answer says so', async () => {
    const open = (terms: Terms): Terms => ({ ...terms, networks: { ...terms.networks, cidrs: ['203.0.113.0/24'] } });
    const text = await TextAtWork.agreement(story, draftFor(story, 20));
    expect(await tried({ ...usual, address: addresses.elsewhere }, text.id)).toMatchObject({
      code: 'network_not_allowed',
      basis: { kind: 'revision', number: 1 },
    });
    const revised = withTerms(draftFor(story, 20), open);
    done(await text.give(story.cast.partnerships, 'revisions', revised));
    const answer = await tried({ ...usual, address: addresses.elsewhere }, text.id);
    expect(answer).toMatchObject({ code: 'allowed', basis: { kind: 'revision', number: 2 } });
    expect(answer.basis).not.toHaveProperty('digest');
    expect((await attempt(usual, text.id)).status).toBe(404);
    done(await text.give(story.cast.partnerships, 'proposal'));
    expect((await attempt(usual, text.id)).status).toBe(200);
  });
});

describe('whatever has happened', () => {
  it('a key is told now what its standing says, and nothing is written', async () => {
    const token = await story.cast.compliance.freshToken();
    await fc.assert(
      fc.asyncProperty(states, askings, async (state, asking) => {
        await put(story, state);
        const search = new URLSearchParams({ ...asking }).toString();
        const url = `${stage.apiUrl}/v1/keys/${keyId}/standing?${search}`;
        const { body } = await ask<{ asked: object; decisions: Judged[] }>(url, { method: 'GET', token });
        const before = await contentsOf(stage);
        for (const { model, code, reasons } of body.decisions) {
          const path = `${stage.apiUrl}/v1/agreements/${story.agreementId}/decisions`;
          const told = await ask<Tried>(path, { token, body: { ...body.asked, keyId, model } });
          expect(told.status).toBe(200);
          expect({ code: told.body.code, reasons: told.body.reasons }).toEqual({ code, reasons });
        }
        expect(await contentsOf(stage)).toEqual(before);
      }),
      { numRuns: 40 },
    );
    await put(story, inOrder);
  });
});

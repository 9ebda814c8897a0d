import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Caller, Callers, callersOf, countStatuses, enlist } from '../setup/caller.js';
import { ask, given, Given, question } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

interface Refused {
  id: string;
  code: string;
  detail: string;
  errors: { pointer: string; code: string; detail: string }[];
}

describe('a campaign and its roster', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;
  let organisationId: string;
  let leadId: string;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
    organisationId = String((await people.partnerAdmin.get('/v1/me')).body.organisationId);
    leadId = String((await people.researcher.get('/v1/me')).body.id);
  });

  afterAll(() => stage.stop());

  const propose = (changes: object) =>
    people.partnerAdmin.post<Refused>(`/v1/agreements/${story.agreementId}/campaigns`, {
      title: 'A campaign',
      purpose: 'robustness.jailbreak',
      models: ['atlas-2-2026-03-01'],
      evaluationSets: [],
      startsAt: story.from.toISOString(),
      endsAt: story.until.toISOString(),
      expectedRequests: 1,
      leadId,
      ...changes,
    });
  const add = (userId: string) =>
    people.partnerAdmin.post<Refused>(`/v1/agreements/${story.agreementId}/roster`, { userId });

  it('is told every way in which it does not fit, each with pointer and clause', async () => {
    const { status, body } = await propose({
      purpose: 'capability.cyber',
      models: ['atlas-2-2026-03-01', 'atlas-3'],
      evaluationSets: ['a-set'],
      endsAt: new Date(story.until.getTime() + 1).toISOString(),
    });
    expect([status, body.code]).toEqual([422, 'outside_agreement']);
    const faults = body.errors.map(({ pointer, detail }) => [pointer, /clause (\d+)/.exec(detail)?.[1]]);
    expect(faults).toEqual([
      ['/startsAt', '2'],
      ['/purpose', '1'],
      ['/models/1', '4'],
      ['/evaluationSets/0', '8'],
    ]);
  });

  it('is led by a member of the partner', async () => {
    const staff = String((await people.compliance.get('/v1/me')).body.id);
    expect(await propose({ leadId: staff })).toMatchObject({ status: 422, body: { pointer: '/leadId' } });
    expect((await propose({ startsAt: story.until.toISOString(), endsAt: story.from.toISOString() })).status).toBe(422);
    expect((await propose({})).status).toBe(201);
  });

  it('takes researchers of the partner alone', async () => {
    const others: Caller[] = [people.partnerAdmin, people.compliance];
    for (const other of others) {
      expect(await add(String((await other.get('/v1/me')).body.id))).toMatchObject({
        status: 422,
        body: { pointer: '/userId' },
      });
    }
    expect(await add(leadId)).toMatchObject({ status: 409, body: { code: 'already_exists' } });
  });

  const decision = async () => {
    const asked = { token: story.gatewayCredential, body: question(story.keys[0]!) };
    return (await ask(`${stage.gatewayUrl}/v1/authorizations`, asked)).body.decision;
  };

  it('refuses a removed researcher’s key at the next decision, and no one more than the terms allow, raced or not', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 7; at += 1) {
      const caller = await enlist(people.partnerAdmin, { stage, organisationId }, `Researcher ${at}`, ['researcher']);
      ids.push(String((await caller.get('/v1/me')).body.id));
    }
    expect(countStatuses(await Promise.all(ids.map(add)))).toEqual({ 201: 4, 409: 3 });
    const { body } = await people.partnerAdmin.get<{ data: { id: string; userId: string }[] }>('/v1/roster?limit=200');
    expect(body.data).toHaveLength(5);
    const entry = body.data.find(({ userId }) => userId === leadId)!;
    expect(await decision()).toBe('allow');
    expect((await people.compliance.post(`/v1/roster/${entry.id}/removal`)).status).toBe(201);
    expect(await decision()).toBe('deny');
    expect((await people.compliance.post(`/v1/roster/${entry.id}/removal`)).status).toBe(409);
    expect((await add(leadId)).status).toBe(201);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../src/agreements/signing/verify-evidence.js';
import { Person } from '../../src/demo/person.js';
import { day, hour, minute } from '../../src/kernel/clock.js';
import { countStatuses } from '../setup/caller.js';
import { done, get, post, recruit } from '../setup/desk.js';
import { ask, given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, TextAtWork } from '../setup/text-at-work.js';

interface Delegation {
  id: string;
  stage: string;
  delegatorId: string;
  delegateId: string;
  revokedAt: string | null;
}

let stage: Stage;
let story: Given;
let author: Person;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  author = await recruit(story, 'Otto Author', ['partnerships', 'approver', 'compliance']);
});

afterAll(() => stage.stop());

/** An approver of whom no other test has heard, so that none stands in under another test's delegation. */
const approverOfMine = (name: string, roles = ['approver']) => recruit(story, name, roles);

const idOf = async (person: Person) => (await person.get<{ id: string }>('/v1/me')).id;

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds).toISOString();

async function delegate(by: Person, to: Person | string, more: object = {}) {
  const delegateId = typeof to === 'string' ? to : await idOf(to);
  const window = { from: fromNow(0), until: fromNow(day) };
  const body = { delegateId, stage: 'approver', ...window, reason: 'Annual leave', ...more };
  return post<Delegation>(stage, by, '/v1/approval-delegations', body);
}

const highTier = () =>
  draftFor(story, 200, (terms) => ({ ...terms, scope: { ...terms.scope, safeguardProfile: 'helpful_only' } }));

const standard = async () => (await TextAtWork.agreement(story, draftFor(story, 200))).accepted();
const high = async () => (await TextAtWork.agreement(story, highTier())).accepted();

describe('who stands in for an approver', () => {
  it('speaks from the first instant of the window to the last one before its end, and at no other', async () => {
    const lee = await approverOfMine('Lee One');
    const cleo = await approverOfMine('Cleo One', ['compliance']);
    const text = [await standard(), await standard()];
    const [from, until] = [fromNow(hour), fromNow(2 * hour)];
    done(await delegate(lee, cleo, { from, until }));
    const refused = { status: 403, body: { code: 'forbidden' } };
    stage.clock.moveTo(new Date(Date.parse(from) - 1));
    expect(await text[0]!.approve(cleo)).toMatchObject(refused);
    stage.clock.moveTo(new Date(from));
    expect((await text[0]!.approve(cleo)).body.state).toBe('out_for_signature');
    stage.clock.moveTo(new Date(until));
    expect(await text[1]!.approve(cleo)).toMatchObject(refused);
    expect(await text[1]!.state()).toBe('in_approval');
  });

  it('speaks for the stage that was delegated and for no other', async () => {
    const lee = await approverOfMine('Lee Two');
    const cleo = await approverOfMine('Cleo Two', ['compliance']);
    done(await delegate(lee, cleo, { stage: 'legal' }));
    const text = await high();
    expect((await text.approve(cleo, 'approver')).status).toBe(403);
    expect((await text.approve(cleo, 'legal')).status).toBe(201);
  });

  it('speaks no more from when the delegation is taken back; what was approved stays approved', async () => {
    const lee = await approverOfMine('Lee Three');
    const cleo = await approverOfMine('Cleo Three', ['compliance']);
    const { id } = done(await delegate(lee, cleo));
    const [before, after] = [await standard(), await standard()];
    done(await before.approve(cleo));
    const path = `/v1/approval-delegations/${id}/revocation`;
    expect((await post(stage, cleo, path)).status).toBe(403);
    expect((await post(stage, story.cast.approver, path)).status).toBe(403);
    expect(done(await post<Delegation>(stage, lee, path)).revokedAt).toBe(stage.clock.now().toISOString());
    expect(await post(stage, lee, path)).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    expect((await after.approve(cleo)).status).toBe(403);
    await before.signedByBoth();
    expect(await before.state()).toBe('executed');
  });

  it('and whom they stand in for are one: neither gives another stage besides, whoever was first', async () => {
    const lee = await approverOfMine('Lee Four');
    const cleo = await approverOfMine('Cleo Four', ['compliance']);
    done(await delegate(lee, cleo, { stage: 'approver' }));
    done(await delegate(lee, cleo, { stage: 'legal' }));
    const twice = { status: 403, body: { code: 'separation_of_duties' } };
    const one = await high();
    done(await one.approve(cleo, 'approver'));
    expect(await one.approve(lee, 'legal')).toMatchObject(twice);
    expect(await one.approve(cleo, 'legal')).toMatchObject(twice);
    expect(await one.approve(cleo, 'compliance_lead')).toMatchObject(twice);
    const other = await high();
    done(await other.approve(lee, 'approver'));
    expect(await other.approve(cleo, 'legal')).toMatchObject(twice);
    done(await other.approve(cleo, 'compliance_lead'));
    expect((await other.approve(story.cast.approver, 'legal')).body.state).toBe('out_for_signature');
  });

  it('and whom they stand in for have one word between them when both speak at once', async () => {
    const lee = await approverOfMine('Lee Five');
    const cleo = await approverOfMine('Cleo Five', ['compliance']);
    done(await delegate(lee, cleo, { stage: 'legal' }));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const text = await high();
      const answers = await Promise.all([text.approve(cleo, 'legal'), text.approve(lee, 'approver')]);
      expect(countStatuses(answers)).toEqual({ 201: 1, 403: 1 });
    }
  });

  it('is refused where either of the two wrote a revision, even an earlier one', async () => {
    const lee = await approverOfMine('Lee Six');
    const cleo = await approverOfMine('Cleo Six', ['compliance']);
    done(await delegate(author, cleo));
    const draft = draftFor(story, 200);
    const text = await TextAtWork.agreement(story, draft, {}, author);
    done(await text.give(story.cast.partnerships, 'revisions', draftFor(story, 100)));
    await text.accepted();
    expect(await text.approve(cleo)).toMatchObject({ status: 403, body: { code: 'separation_of_duties' } });
    const writer = await approverOfMine('Willa Writer', ['partnerships', 'compliance']);
    done(await delegate(lee, writer));
    const own = await (await TextAtWork.agreement(story, draft, {}, writer)).accepted();
    expect(await own.approve(writer)).toMatchObject({ status: 403, body: { code: 'separation_of_duties' } });
    expect((await own.approve(lee)).status).toBe(201);
  });

  // Only the oldest delegation is looked at, so that of an author stands in the way of one that would do.
  it('speaks under another delegation where the one who gave the first is an author', async () => {
    const lee = await approverOfMine('Lee Seven');
    const cleo = await approverOfMine('Cleo Seven', ['compliance']);
    done(await delegate(author, cleo));
    done(await delegate(lee, cleo));
    const text = await (await TextAtWork.agreement(story, draftFor(story, 200), {}, author)).accepted();
    expect((await text.approve(cleo)).status).toBe(201);
  });

  // A delegation outlives the power that it hands on: neither the delegator's roles nor their account is looked at.
  it.each(['roles', 'account'])('speaks no more when who delegated has lost their %s', async (what) => {
    const lee = await approverOfMine(`Lee Lost ${what}`);
    const cleo = await approverOfMine(`Cleo Lost ${what}`, ['compliance']);
    done(await delegate(lee, cleo));
    const token = await story.cast.admin.freshToken();
    const [method, noun, body] = what === 'roles' ? ['PUT', 'roles', { roles: [] }] : ['POST', 'suspension', {}];
    const url = `${stage.apiUrl}/v1/users/${await idOf(lee)}/${noun}`;
    const answer = await ask(url, { method, token, body });
    expect([200, 201]).toContain(answer.status);
    expect((await (await standard()).approve(cleo)).status).toBe(403);
  });
});

describe('the evidence of what was approved for another', () => {
  it('names both people, the window and the reason, and verifies', async () => {
    const lee = await approverOfMine('Lee Eight');
    const cleo = await approverOfMine('Cleo Eight', ['compliance']);
    const { id, delegatorId, delegateId } = done(await delegate(lee, cleo));
    const text = await standard();
    stage.clock.advance(minute);
    done(await text.approve(cleo));
    await text.signedByBoth();
    const bytes = await text.evidence();
    const bundle = JSON.parse(bytes.toString()) as { approvals: object[]; delegations: object[] };
    expect(bundle.approvals).toMatchObject([
      { stage: 'approver', approverName: cleo.name, approverId: delegateId, onBehalfOf: delegatorId, delegationId: id },
    ]);
    const names = { delegatorName: lee.name, delegatorId, delegateId };
    expect(bundle.delegations).toMatchObject([{ id, ...names, stage: 'approver', reason: 'Annual leave' }]);
    const { findings, beyond } = verifyEvidence(bytes);
    expect(findings.filter(({ holds }) => !holds)).toEqual([]);
    expect(findings.map(({ says }) => says)).toContain(
      'Whoever approved for another person had that stage delegated to them at that time.',
    );
    expect(beyond.join('\n')).toContain('stood in for an approver');
  });

  it('of what nobody approved for another names no delegation', async () => {
    const text = await (await TextAtWork.agreement(story, draftFor(story, 200))).executed();
    const bundle = JSON.parse((await text.evidence()).toString()) as { approvals: object[]; delegations: object[] };
    expect(bundle).toMatchObject({ approvals: [{ onBehalfOf: null, delegationId: null }], delegations: [] });
  });
});

describe('a delegation', () => {
  it('is made by who speaks for the stage by their own roles', async () => {
    const { cast } = story;
    const lena = await approverOfMine('Lena Nine');
    for (const by of [cast.partnerships, cast.labSignatory, cast.admin, cast.partnerAdmin, cast.partnerSignatory]) {
      expect(await delegate(by, lena)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    expect((await delegate(cast.compliance, lena, { stage: 'approver' })).status).toBe(403);
    expect((await delegate(cast.compliance, lena, { stage: 'legal' })).status).toBe(403);
    expect((await delegate(lena, cast.compliance, { stage: 'compliance_lead' })).status).toBe(403);
    expect((await delegate(cast.compliance, lena, { stage: 'compliance_lead' })).status).toBe(201);
    const text = await high();
    expect((await text.approve(lena, 'compliance_lead')).status).toBe(201);
  });

  it('is to another person of the lab who approves or is of compliance, and whose account is open', async () => {
    const { cast } = story;
    const gone = await idOf(await approverOfMine('Gina Gone'));
    await cast.admin.post(`/v1/users/${gone}/suspension`);
    const own = await delegate(cast.approver, cast.approver);
    expect(own).toMatchObject({ status: 403, body: { code: 'separation_of_duties', pointer: '/delegateId' } });
    const unknown = '0192f3a4-5b6c-7d8e-9f01-23456789abcd';
    for (const to of [cast.partnerships, cast.labSignatory, cast.partnerAdmin, unknown, gone]) {
      expect(await delegate(cast.approver, to)).toMatchObject({ status: 422, body: { pointer: '/delegateId' } });
    }
  });

  it('begins now or later, ends after it begins and within ninety days', async () => {
    const { approver, compliance } = story.cast;
    const made = (from: string, until: string) => delegate(approver, compliance, { stage: 'legal', from, until });
    const wrong = (pointer: string) => ({ status: 422, body: { code: 'invalid_request', pointer } });
    expect(await made(fromNow(-1), fromNow(day))).toMatchObject(wrong('/from'));
    expect(await made(fromNow(day), fromNow(day))).toMatchObject(wrong('/until'));
    expect(await made(fromNow(day), fromNow(hour))).toMatchObject(wrong('/until'));
    expect(await made(fromNow(day), fromNow(91 * day + 1))).toMatchObject(wrong('/until'));
    expect((await made(fromNow(0), fromNow(90 * day))).status).toBe(201);
    expect((await made(fromNow(day), fromNow(91 * day))).status).toBe(201);
  });

  it('is the lab’s own affair', async () => {
    const lee = await approverOfMine('Lee Ten');
    const { id } = done(await delegate(lee, story.cast.compliance, { reason: 'A week in hospital' }));
    for (const reader of [story.cast.partnerAdmin, story.cast.partnerSignatory]) {
      expect((await get(stage, reader, '/v1/approval-delegations')).status).toBe(403);
      const log = await get(stage, reader, '/v1/audit-entries?limit=200');
      expect(JSON.stringify(log.body)).not.toContain('hospital');
    }
    const list = await get<{ data: Delegation[] }>(
      stage,
      story.cast.labSignatory,
      '/v1/approval-delegations?limit=200',
    );
    expect(list.body.data.map((one) => one.id)).toContain(id);
  });
});

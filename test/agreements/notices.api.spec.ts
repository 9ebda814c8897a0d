import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../../src/demo/person.js';
import { day, hour } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { done, get } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { breachBy, NoticeView, serve, tellOf } from '../setup/notices.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, TextAtWork, withTerms } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);

async function executed(change = (terms: Terms): Terms => terms) {
  const base = draftFor(story, 200, change);
  return { base, agreement: await (await TextAtWork.agreement(story, base)).executed() };
}

const read = async ({ id }: { id: string }, by: Person = story.cast.partnerAdmin) =>
  (await get<NoticeView>(stage, by, `/v1/notices/${id}`)).body;

const forbidden = { status: 403, body: { code: 'forbidden' } };
const notAllowed = { status: 409, body: { code: 'move_not_allowed' } };

describe('a notice', () => {
  it('goes to the addresses of the other party in the terms that are in force when it is served', async () => {
    const { base, agreement } = await executed();
    const { partnerAdmin, compliance } = story.cast;
    const addresses = [
      { party: 'provider', email: 'legal@lab.example' },
      { party: 'evaluator', email: 'legal@rival.example' },
      { party: 'evaluator', email: 'notices@rival.example' },
    ] as const;
    const readdressed = withTerms(base, (terms) => ({
      ...terms,
      notices: { ...terms.notices, addresses: [...addresses] },
    }));
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    await (await TextAtWork.amendment(story, agreement.id, readdressed, change)).executed();
    const addressed = async (by: Person) => (await breachBy(story, agreement.id, by)).addresses;
    stage.clock.moveTo(new Date(change.effectiveFrom.getTime() - 1));
    expect([await addressed(compliance), await addressed(partnerAdmin)]).toEqual([
      ['notices@rival.example'],
      ['notices@lab.example'],
    ]);
    stage.clock.advance(1);
    expect([await addressed(compliance), await addressed(partnerAdmin)]).toEqual([
      ['legal@rival.example', 'notices@rival.example'],
      ['legal@lab.example'],
    ]);
  });

  it('is deemed received after the hours of the terms, at that very instant', async () => {
    const { agreement } = await executed();
    const notice = await breachBy(story, agreement.id);
    const deemed = fromNow(48 * hour);
    expect(notice).toMatchObject({ status: 'served', receivedAt: deemed.toISOString(), acknowledgedAt: null });
    stage.clock.moveTo(new Date(deemed.getTime() - 1));
    expect((await read(notice)).status).toBe('served');
    stage.clock.moveTo(deemed);
    expect(await read(notice)).toMatchObject({ state: 'served', status: 'deemed_received' });
  });

  it('is received when it is acknowledged, unless it was deemed received before', async () => {
    const { agreement } = await executed();
    const { partnerSignatory } = story.cast;
    const [early, late] = [await breachBy(story, agreement.id), await breachBy(story, agreement.id)];
    stage.clock.advance(hour);
    const acknowledged = done(await tellOf(story, early, partnerSignatory, 'acknowledgement'));
    const at = stage.clock.now().toISOString();
    expect(acknowledged).toMatchObject({ status: 'acknowledged', receivedAt: at, acknowledgedAt: at });
    stage.clock.advance(50 * hour);
    const after = done(await tellOf(story, late, partnerSignatory, 'acknowledgement'));
    expect(after).toMatchObject({ receivedAt: late.receivedAt, acknowledgedAt: stage.clock.now().toISOString() });
    expect(await tellOf(story, late, partnerSignatory, 'acknowledgement')).toMatchObject(notAllowed);
  });

  it('is served under an agreement that is executed and has not ended', async () => {
    const { compliance } = story.cast;
    const text = await (await TextAtWork.agreement(story, draftFor(story, 10))).released();
    expect(await serve(story, text.id, compliance)).toMatchObject(notAllowed);
    await text.signedByBoth();
    stage.clock.advance(10 * day - 1);
    expect((await serve(story, text.id, compliance)).status).toBe(201);
    stage.clock.advance(1);
    expect(await serve(story, text.id, compliance)).toMatchObject(notAllowed);
  });

  it('is between its two parties: nobody else reads, serves or answers it, nor do researchers', async () => {
    const { agreement } = await executed();
    const notice = await breachBy(story, agreement.id);
    const { cast } = await given.anotherRival(story);
    expect((await get(stage, cast.partnerAdmin, `/v1/notices/${notice.id}`)).status).toBe(404);
    expect((await tellOf(story, notice, cast.partnerAdmin, 'acknowledgement')).status).toBe(404);
    expect((await serve(story, agreement.id, cast.partnerAdmin)).status).toBe(404);
    const list = await get<{ data: object[] }>(stage, cast.partnerAdmin, `/v1/notices?agreementId=${agreement.id}`);
    expect(list.body.data).toEqual([]);
    expect((await get(stage, story.cast.researcher, `/v1/notices/${notice.id}`)).status).toBe(403);
    for (const by of [story.cast.researcher, story.cast.labSignatory, story.cast.admin]) {
      expect((await serve(story, agreement.id, by)).status).toBe(403);
    }
    const own = await get<{ data: NoticeView[] }>(
      stage,
      story.cast.partnerAdmin,
      `/v1/notices?agreementId=${agreement.id}`,
    );
    expect(own.body.data.map(({ id }) => id)).toEqual([notice.id]);
  });
});

describe('the cure of a breach', () => {
  it('has the days of the terms from receipt, to the last millisecond', async () => {
    const { agreement } = await executed();
    const notice = await breachBy(story, agreement.id);
    expect(notice.cureBy).toBe(fromNow(48 * hour + 30 * day).toISOString());
    stage.clock.advance(hour);
    const received = done(await tellOf(story, notice, story.cast.partnerAdmin, 'acknowledgement'));
    const cureBy = fromNow(30 * day);
    expect(received.cureBy).toBe(cureBy.toISOString());
    stage.clock.moveTo(new Date(cureBy.getTime() - 1));
    expect((await read(notice)).status).toBe('acknowledged');
    stage.clock.moveTo(cureBy);
    expect((await read(notice)).status).toBe('cure_lapsed');
  });

  it('has no time at all where the terms call the use incurable, and the usual time where they do not', async () => {
    const { agreement } = await executed();
    const of = (prohibitedUse: string) => serve(story, agreement.id, story.cast.compliance, { prohibitedUse });
    const incurable = done(await of('model_training'));
    expect(incurable).toMatchObject({ cureBy: incurable.receivedAt, prohibitedUse: 'model_training' });
    expect(done(await of('competitive_benchmarking')).cureBy).toBe(fromNow(48 * hour + 30 * day).toISOString());
    expect(await of('distillation')).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', pointer: '/prohibitedUse' },
    });
    const kind = { kind: 'termination', prohibitedUse: 'model_training' };
    expect(await serve(story, agreement.id, story.cast.compliance, kind)).toMatchObject({
      status: 422,
      body: { pointer: '/prohibitedUse' },
    });
    stage.clock.moveTo(new Date(incurable.receivedAt));
    expect((await read(incurable)).status).toBe('cure_lapsed');
  });

  it('has no time where a use is prohibited as incurable, though the cure clause does not list it', async () => {
    const { agreement } = await executed((terms) => ({ ...terms, cure: { ...terms.cure, incurable: [] } }));
    const notice = await breachBy(story, agreement.id, story.cast.compliance, { prohibitedUse: 'model_training' });
    expect(notice.cureBy).toBe(notice.receivedAt);
  });

  it('is told by who was served, which receives the notice, and done when who served accepts it', async () => {
    const { agreement } = await executed();
    const notice = await breachBy(story, agreement.id);
    const remedied = done(
      await tellOf(story, notice, story.cast.partnerAdmin, 'remedy', { remedy: 'It was removed.' }),
    );
    const at = stage.clock.now().toISOString();
    expect(remedied).toMatchObject({
      state: 'remedied',
      remedy: 'It was removed.',
      acknowledgedAt: at,
      receivedAt: at,
    });
    const decision = { decision: 'That will do.' };
    const cured = done(await tellOf(story, notice, story.cast.approver, 'remedy-acceptance', decision));
    expect(cured).toMatchObject({ state: 'cured', status: 'cured', decision: 'That will do.', allowedActions: [] });
    stage.clock.advance(60 * day);
    expect((await read(notice)).status).toBe('cured');
    for (const noun of ['remedy-acceptance', 'remedy-rejection', 'withdrawal']) {
      expect(await tellOf(story, notice, story.cast.approver, noun, decision)).toMatchObject(notAllowed);
    }
  });

  it('goes on when a remedy is rejected, by the clock from before, and another remedy may be told', async () => {
    const { agreement } = await executed();
    const { partnerAdmin, compliance } = story.cast;
    const notice = await breachBy(story, agreement.id);
    const remedy = (words: string) => tellOf(story, notice, partnerAdmin, 'remedy', { remedy: words });
    const { cureBy } = done(await remedy('It was removed.'));
    stage.clock.advance(10 * day);
    expect(await remedy('Twice.')).toMatchObject(notAllowed);
    const rejected = done(await tellOf(story, notice, compliance, 'remedy-rejection', { decision: 'Not all of it.' }));
    expect(rejected).toMatchObject({ state: 'acknowledged', cureBy, decision: 'Not all of it.' });
    expect(done(await remedy('All of it was removed.'))).toMatchObject({
      state: 'remedied',
      remedy: 'All of it was removed.',
      cureBy,
      decision: null,
    });
    stage.clock.moveTo(new Date(cureBy!));
    expect((await read(notice)).status).toBe('cure_lapsed');
    const decision = { decision: 'Late, but done.' };
    expect(done(await tellOf(story, notice, compliance, 'remedy-acceptance', decision)).status).toBe('cured');
  });

  it('is there for breaches only', async () => {
    const { agreement } = await executed();
    const notice = done(await serve(story, agreement.id, story.cast.compliance, { kind: 'termination' }));
    expect(notice.cureBy).toBeNull();
    expect(await tellOf(story, notice, story.cast.partnerAdmin, 'remedy', { remedy: 'Done.' })).toMatchObject(
      notAllowed,
    );
    expect((await read(notice)).allowedActions).toEqual(['acknowledge']);
  });
});

describe('a command about a notice', () => {
  it.each([
    ['the lab', 'compliance', 'compliance', 'partnerAdmin'],
    ['the partner', 'partnerAdmin', 'partnerSignatory', 'approver'],
  ] as const)('that %s served is for the party that it concerns', async (_, server, decider, answerer) => {
    const { agreement } = await executed();
    const { cast } = story;
    const notice = await breachBy(story, agreement.id, cast[server]);
    const [remedy, decision] = [{ remedy: 'Done.' }, { decision: 'So be it.' }];
    expect(await tellOf(story, notice, cast[decider], 'acknowledgement')).toMatchObject(forbidden);
    expect((await tellOf(story, notice, cast[decider], 'remedy', remedy)).status).toBe(403);
    expect((await read(notice, cast[answerer])).allowedActions).toEqual(['acknowledge', 'remedy']);
    expect((await read(notice, cast[decider])).allowedActions).toEqual(['withdraw']);
    done(await tellOf(story, notice, cast[answerer], 'remedy', remedy));
    for (const noun of ['remedy-acceptance', 'remedy-rejection', 'withdrawal']) {
      expect(await tellOf(story, notice, cast[answerer], noun, decision)).toMatchObject(forbidden);
    }
    done(await tellOf(story, notice, cast[decider], 'remedy-rejection', decision));
    expect(done(await tellOf(story, notice, cast[decider], 'withdrawal', decision)).state).toBe('withdrawn');
    expect(await tellOf(story, notice, cast[answerer], 'remedy', remedy)).toMatchObject(notAllowed);
  });

  it('is for who has the role: partnerships serve and judge nothing, compliance remedies nothing', async () => {
    const { agreement } = await executed();
    const { partnerships, compliance, partnerAdmin } = story.cast;
    const notice = await breachBy(story, agreement.id, partnerships);
    done(await tellOf(story, notice, partnerAdmin, 'remedy', { remedy: 'Done.' }));
    expect((await tellOf(story, notice, partnerships, 'remedy-acceptance', { decision: 'Well.' })).status).toBe(403);
    const theirs = await breachBy(story, agreement.id, partnerAdmin);
    expect((await tellOf(story, theirs, compliance, 'remedy', { remedy: 'Done.' })).status).toBe(403);
    expect((await tellOf(story, theirs, partnerships, 'remedy', { remedy: 'Done.' })).status).toBe(201);
  });
});

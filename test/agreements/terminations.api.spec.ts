import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, hour } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { done } from '../setup/desk.js';
import { confirmEnd, proposeEnd } from '../setup/endings.js';
import { given, Given } from '../setup/given.js';
import { breachBy, cure, serve, tellOf } from '../setup/notices.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, TextAtWork } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);

const executed = async (change = (terms: Terms): Terms => terms) =>
  (await TextAtWork.agreement(story, draftFor(story, 200, change))).executed();

const noNotice = { status: 422, body: { code: 'invalid_request', pointer: '/noticeId' } };
const tooEarly = { status: 409, body: { code: 'too_early' } };

const stateOf = async (agreement: TextAtWork) => (await agreement.read()).body.state;

/** Each party: who serves for it, who proposes its terminations, who confirms them, and who of the other signs. */
const parties = [
  ['the lab', { serves: 'compliance', proposes: 'approver', confirms: 'labSignatory', other: 'partnerSignatory' }],
  [
    'the partner',
    { serves: 'partnerAdmin', proposes: 'partnerAdmin', confirms: 'partnerSignatory', other: 'labSignatory' },
  ],
] as const;

describe.each(parties)('a termination for convenience by %s', (_, who) => {
  const noticed = async (agreement: TextAtWork) =>
    done(await serve(story, agreement.id, story.cast[who.serves], { kind: 'termination', clauseRef: '11' }));
  const propose = (agreement: TextAtWork, noticeId?: string) =>
    proposeEnd(story, agreement.id, story.cast[who.proposes], { kind: 'for_convenience', noticeId });

  it('waits for the days of notice to pass, to the millisecond, and says from when it may be', async () => {
    const agreement = await executed();
    const notice = await noticed(agreement);
    const from = fromNow(48 * hour + 30 * day);
    expect(await propose(agreement, notice.id)).toMatchObject(tooEarly);
    stage.clock.moveTo(new Date(from.getTime() - 1));
    const early = await propose(agreement, notice.id);
    expect(early).toMatchObject(tooEarly);
    expect(early.body.detail).toContain(from.toISOString());
    stage.clock.moveTo(from);
    const proposed = done(await propose(agreement, notice.id));
    expect(await stateOf(agreement)).toBe('executed');
    done(await confirmEnd(story, proposed, story.cast[who.confirms]));
    expect((await agreement.read()).body).toMatchObject({
      state: 'terminated',
      status: 'terminated',
      endedAt: from.toISOString(),
    });
  });

  it('counts from when the notice was acknowledged, where it was', async () => {
    const agreement = await executed();
    const notice = await noticed(agreement);
    stage.clock.advance(hour);
    done(
      await tellOf(
        story,
        notice,
        who.serves === 'compliance' ? story.cast.partnerAdmin : story.cast.approver,
        'acknowledgement',
      ),
    );
    stage.clock.advance(30 * day - 1);
    expect(await propose(agreement, notice.id)).toMatchObject(tooEarly);
    stage.clock.advance(1);
    expect((await propose(agreement, notice.id)).status).toBe(201);
  });

  it('takes a notice of termination that this party served under this agreement and did not withdraw', async () => {
    const [agreement, another] = [await executed(), await executed()];
    const { cast } = story;
    const other = who.serves === 'compliance' ? cast.partnerAdmin : cast.compliance;
    const withdrawn = await noticed(agreement);
    const wrong = {
      withdrawn: withdrawn.id,
      'of the other party': done(await serve(story, agreement.id, other, { kind: 'termination' })).id,
      'of breach': (await breachBy(story, agreement.id, cast[who.serves])).id,
      'of another agreement': (await noticed(another)).id,
      unknown: '0192f3a4-5b6c-7d8e-9f01-23456789abcd',
      none: undefined,
    };
    const decider = who.serves === 'compliance' ? cast.compliance : cast.partnerSignatory;
    done(await tellOf(story, withdrawn, decider, 'withdrawal', { decision: 'We stay.' }));
    stage.clock.advance(40 * day);
    for (const [what, id] of Object.entries(wrong)) expect(await propose(agreement, id), what).toMatchObject(noNotice);
  });

  it('is confirmed by another person, who signs for the same party', async () => {
    const agreement = await executed();
    const { id } = await noticed(agreement);
    stage.clock.advance(32 * day);
    const signer = story.cast[who.confirms];
    const own = done(await proposeEnd(story, agreement.id, signer, { kind: 'for_convenience', noticeId: id }));
    const alone = { status: 403, body: { code: 'separation_of_duties' } };
    expect(await confirmEnd(story, own, signer)).toMatchObject(alone);
    const proposed = done(await propose(agreement, id));
    expect((await confirmEnd(story, proposed, story.cast[who.proposes])).status).toBe(403);
    expect((await confirmEnd(story, proposed, story.cast[who.other])).body.code).toBe('forbidden');
    expect(await stateOf(agreement)).toBe('executed');
    expect((await confirmEnd(story, proposed, signer)).body.state).toBe('confirmed');
    expect(await stateOf(agreement)).toBe('terminated');
  });
});

describe.each(parties)('a termination for cause by %s', (_, who) => {
  const breached = (agreement: TextAtWork, more: object = {}) =>
    breachBy(story, agreement.id, story.cast[who.serves], more);
  const propose = (agreement: TextAtWork, noticeId: string) =>
    proposeEnd(story, agreement.id, story.cast[who.proposes], { kind: 'for_cause', noticeId });

  it('waits for the cure to lapse, to the millisecond', async () => {
    const agreement = await executed();
    const notice = await breached(agreement);
    stage.clock.moveTo(new Date(Date.parse(notice.cureBy!) - 1));
    expect(await propose(agreement, notice.id)).toMatchObject(tooEarly);
    stage.clock.advance(1);
    const proposed = done(await propose(agreement, notice.id));
    done(await confirmEnd(story, proposed, story.cast[who.confirms]));
    expect(await stateOf(agreement)).toBe('terminated');
  });

  it('waits for receipt alone where the breach cannot be cured', async () => {
    const agreement = await executed();
    const notice = await breached(agreement, { prohibitedUse: 'model_training' });
    stage.clock.moveTo(new Date(Date.parse(notice.receivedAt) - 1));
    expect(await propose(agreement, notice.id)).toMatchObject(tooEarly);
    stage.clock.advance(1);
    expect((await propose(agreement, notice.id)).status).toBe(201);
  });

  it('is not founded on the other party’s notice, nor on one that is no notice of breach', async () => {
    const agreement = await executed();
    const others = await breachBy(
      story,
      agreement.id,
      who.serves === 'compliance' ? story.cast.partnerAdmin : story.cast.compliance,
    );
    const notice = done(await serve(story, agreement.id, story.cast[who.serves], { kind: 'termination' }));
    stage.clock.advance(60 * day);
    for (const { id } of [others, notice]) expect(await propose(agreement, id)).toMatchObject(noNotice);
  });
});

describe('a termination for cause', () => {
  const lapsed = async () => {
    const agreement = await executed((terms) => ({ ...terms, cure: { ...terms.cure, periodDays: 3 } }));
    const notice = await breachBy(story, agreement.id);
    stage.clock.advance(6 * day);
    const body = { kind: 'for_cause', noticeId: notice.id };
    return { agreement, notice, propose: () => proposeEnd(story, agreement.id, story.cast.approver, body) };
  };

  it('is refused when the breach was cured, however late', async () => {
    const { notice, propose } = await lapsed();
    await cure(story, notice);
    expect(await propose()).toMatchObject(noNotice);
  });

  it.each(['cured', 'withdrawn'])('is not confirmed when the breach was %s after it was proposed', async (end) => {
    const { agreement, notice, propose } = await lapsed();
    const proposed = done(await propose());
    if (end === 'cured') await cure(story, notice);
    else done(await tellOf(story, notice, story.cast.compliance, 'withdrawal', { decision: 'A mistake of ours.' }));
    expect(await confirmEnd(story, proposed, story.cast.labSignatory)).toMatchObject(noNotice);
    expect((await agreement.read()).body).toMatchObject({ state: 'executed', status: 'in_force', endedAt: null });
  });

  it('is only where the terms permit it', async () => {
    const agreement = await executed((terms) => ({ ...terms, termination: { ...terms.termination, forCause: false } }));
    const { id: noticeId } = await breachBy(story, agreement.id);
    stage.clock.advance(60 * day);
    const answer = await proposeEnd(story, agreement.id, story.cast.approver, { kind: 'for_cause', noticeId });
    expect(answer).toMatchObject({ status: 422, body: { code: 'outside_agreement' } });
  });
});

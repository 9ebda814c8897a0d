import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { countStatuses } from '../setup/caller.js';
import { decide, done, get, post, recruit } from '../setup/desk.js';
import { confirmEnd, proposeEnd, terminate, TerminationView } from '../setup/endings.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { activeCampaign, keyUnder, wishes } from '../setup/key-under.js';
import { serve } from '../setup/notices.js';
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

const executed = async (days = 200) => (await TextAtWork.agreement(story, draftFor(story, days))).executed();

const noNotice = { status: 422, body: { code: 'invalid_request', pointer: '/noticeId' } };
const notAllowed = { status: 409, body: { code: 'move_not_allowed' } };

const stateOf = async (agreement: TextAtWork) => (await agreement.read()).body.state;

describe('a mutual termination', () => {
  it.each([
    ['the lab', 'approver', 'labSignatory', 'partnerSignatory'],
    ['the partner', 'partnerAdmin', 'partnerSignatory', 'labSignatory'],
  ] as const)('that %s proposes is confirmed by who signs for the other party', async (_, by, own, other) => {
    const agreement = await executed();
    const proposed = done(await proposeEnd(story, agreement.id, story.cast[by], { kind: 'mutual' }));
    expect(await confirmEnd(story, proposed, story.cast[own])).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    for (const not of ['approver', 'partnerAdmin', 'compliance', 'researcher'] as const) {
      expect((await confirmEnd(story, proposed, story.cast[not])).status).toBe(403);
    }
    const offered = (await get<TerminationView>(stage, story.cast[other], `/v1/terminations/${proposed.id}`)).body;
    expect(offered.allowedActions).toEqual(['confirm']);
    expect((await confirmEnd(story, proposed, story.cast[other])).body.confirmedAt).toBe(fromNow(0).toISOString());
    expect(await confirmEnd(story, proposed, story.cast[other])).toMatchObject(notAllowed);
  });

  it('needs no notice, and takes none', async () => {
    const agreement = await executed();
    const { id: noticeId } = done(await serve(story, agreement.id, story.cast.compliance, { kind: 'termination' }));
    expect(await proposeEnd(story, agreement.id, story.cast.approver, { kind: 'mutual', noticeId })).toMatchObject(
      noNotice,
    );
  });

  it('happens once, however many proposals are confirmed at once', async () => {
    const agreement = await executed();
    const proposals = [];
    for (let at = 0; at < 3; at += 1) {
      proposals.push(done(await proposeEnd(story, agreement.id, story.cast.approver, { kind: 'mutual' })));
    }
    const answers = await Promise.all(proposals.map((one) => confirmEnd(story, one, story.cast.partnerSignatory)));
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 2 });
  });
});

describe('the proposal to end an agreement', () => {
  it('is withdrawn by the party that made it, and then confirmed by nobody', async () => {
    const agreement = await executed();
    const proposed = done(await proposeEnd(story, agreement.id, story.cast.approver, { kind: 'mutual' }));
    const withdraw = (by: 'partnerSignatory' | 'labSignatory') =>
      post(stage, story.cast[by], `/v1/terminations/${proposed.id}/withdrawal`, { reason: 'We go on.' });
    expect(await withdraw('partnerSignatory')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await withdraw('labSignatory')).body.state).toBe('withdrawn');
    expect(await confirmEnd(story, proposed, story.cast.partnerSignatory)).toMatchObject(notAllowed);
    expect(await stateOf(agreement)).toBe('executed');
  });

  it('is for who may end contracts, of agreements that are executed and have not ended', async () => {
    const { cast } = story;
    const agreement = await executed();
    const approver = await recruit(story, 'Lena Second', ['approver']);
    for (const by of [cast.partnerships, cast.compliance, cast.admin, cast.researcher]) {
      expect((await proposeEnd(story, agreement.id, by, { kind: 'mutual' })).status).toBe(403);
    }
    const text = await (await TextAtWork.agreement(story, draftFor(story, 10))).released();
    expect(await proposeEnd(story, text.id, approver, { kind: 'mutual' })).toMatchObject(notAllowed);
    await text.signedByBoth();
    const proposed = done(await proposeEnd(story, text.id, approver, { kind: 'mutual' }));
    stage.clock.advance(10 * day);
    expect(await proposeEnd(story, text.id, approver, { kind: 'mutual' })).toMatchObject(notAllowed);
    expect(await confirmEnd(story, proposed, cast.partnerSignatory)).toMatchObject(notAllowed);
    expect((await text.read()).body).toMatchObject({ state: 'executed', status: 'expired' });
  });
});

describe('an agreement that was terminated', () => {
  it('admits nothing from that very instant on, and did until then', async () => {
    const agreement = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(20 * day));
    expect((await decide(story, key)).decision).toBe('allow');
    const proposed = done(await proposeEnd(story, agreement.id, story.cast.approver, { kind: 'mutual' }));
    stage.clock.advance(day);
    expect((await decide(story, key)).decision).toBe('allow');
    done(await confirmEnd(story, proposed, story.cast.partnerSignatory));
    const decided = await decide(story, key);
    expect(decided).toMatchObject({ decision: 'deny', code: 'agreement_not_in_force', authorization: null });
    expect(decided.reasons).toContainEqual(expect.objectContaining({ rule: 'agreement.ended', clauseRef: '11' }));
    stage.clock.advance(day);
    expect((await decide(story, key)).code).toBe('agreement_not_in_force');
  });

  it('has use outside its term from that instant on, and within it before, whenever it is reported', async () => {
    const agreement = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(20 * day));
    stage.clock.advance(day);
    const end = stage.clock.now();
    await terminate(story, agreement.id);
    stage.clock.advance(day);
    const times = [new Date(end.getTime() - 1), end, stage.clock.now()];
    const body = times.map((time, at) => usageEvent(`use ${at} under ${agreement.id}`, key, time));
    const token = story.gatewayCredential;
    expect((await ask(`${stage.apiUrl}/v1/usage-events`, { token, body })).body).toMatchObject({ recorded: 3 });
    const rows = await stage.sql<{ version: number | null }>(
      'SELECT agreement_version AS version FROM usage_event WHERE agreement_id = $1 ORDER BY time',
      [agreement.id],
    );
    expect(rows.map(({ version }) => version)).toEqual([1, null, null]);
  });

  it('takes nothing more, and stays to be read: its version held until its end, and its history says why', async () => {
    const agreement = await executed();
    const end = fromNow(20 * day);
    const campaign = await activeCampaign(story, agreement.id, end);
    stage.clock.advance(day);
    const endedAt = stage.clock.now().toISOString();
    await terminate(story, agreement.id);
    const { cast } = story;
    const because = { scope: 'agreement', reasonCode: 'security', reason: 'A look is taken.' };
    const answers = [
      await serve(story, agreement.id, cast.compliance),
      await proposeEnd(story, agreement.id, cast.approver, { kind: 'mutual' }),
      await post(stage, cast.compliance, `${agreement.path}/suspensions`, because),
      await post(stage, cast.researcher, `/v1/campaigns/${campaign}/key-requests`, wishes(end)),
    ];
    expect(countStatuses(answers)).toEqual({ 409: 4 });
    expect((await agreement.read(cast.partnerAdmin)).body).toMatchObject({ status: 'terminated', endedAt });
    const versions = await agreement.read<{ data: { effectiveUntil: string }[] }>(cast.partnerAdmin, '/versions');
    expect(versions.body.data.map(({ effectiveUntil }) => effectiveUntil)).toEqual([endedAt]);
    const history = await agreement.read<{ data: object[] }>(cast.partnerAdmin, '/history');
    expect(history.body.data[0]).toMatchObject({
      command: 'terminate',
      fromState: 'executed',
      toState: 'terminated',
      reason: 'It is time.',
    });
    expect((await agreement.evidence()).length).toBeGreaterThan(1_000);
  });

  it('may have been suspended before, and is terminated then, not suspended', async () => {
    const agreement = await executed();
    const because = { scope: 'agreement', reasonCode: 'security', reason: 'A look is taken.' };
    done(await post(stage, story.cast.compliance, `${agreement.path}/suspensions`, because));
    expect((await agreement.read()).body.status).toBe('suspended');
    await terminate(story, agreement.id);
    expect((await agreement.read()).body).toMatchObject({ status: 'terminated', suspensions: [{ liftedAt: null }] });
  });
});

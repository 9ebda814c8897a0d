import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { decide, done, post } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { activeCampaign, keyUnder, proposedCampaign, wishes } from '../setup/key-under.js';
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

const notAllowed = { status: 409, body: { code: 'move_not_allowed' } };

describe('while a notice of breach is open', () => {
  const until = () => fromNow(20 * day);

  /** What may not begin: the approval of a campaign, and asking for a key under one that is under way. */
  async function attempts(agreement: TextAtWork) {
    const end = until();
    const proposed = await proposedCampaign(story, agreement.id, end);
    const active = await activeCampaign(story, agreement.id, end);
    return {
      approval: () => post(stage, story.cast.partnerships, `/v1/campaigns/${proposed}/approval`),
      request: () => post(stage, story.cast.researcher, `/v1/campaigns/${active}/key-requests`, wishes(end)),
    };
  }

  it('no campaign is approved and no key is asked for, until the breach is cured', async () => {
    const agreement = await executed();
    const { approval, request } = await attempts(agreement);
    const notice = await breachBy(story, agreement.id);
    const blocked = async () => {
      expect(await approval()).toMatchObject(notAllowed);
      expect(await request()).toMatchObject(notAllowed);
    };
    await blocked();
    done(await tellOf(story, notice, story.cast.partnerAdmin, 'acknowledgement'));
    await blocked();
    done(await tellOf(story, notice, story.cast.partnerAdmin, 'remedy', { remedy: 'It was removed.' }));
    await blocked();
    done(await tellOf(story, notice, story.cast.approver, 'remedy-acceptance', { decision: 'That will do.' }));
    expect((await approval()).status).toBe(201);
    expect((await request()).status).toBe(201);
  });

  it('nothing begins either once its cure has lapsed, until it is withdrawn', async () => {
    const agreement = await executed((terms) => ({ ...terms, cure: { ...terms.cure, periodDays: 3 } }));
    const { approval, request } = await attempts(agreement);
    const notice = await breachBy(story, agreement.id);
    stage.clock.advance(6 * day);
    expect([(await approval()).status, (await request()).status]).toEqual([409, 409]);
    done(await tellOf(story, notice, story.cast.compliance, 'withdrawal', { decision: 'A mistake of ours.' }));
    expect([(await approval()).status, (await request()).status]).toEqual([201, 201]);
  });

  it('nothing begins while another one is open, though the first was cured', async () => {
    const agreement = await executed();
    const { approval } = await attempts(agreement);
    const [first, second] = [await breachBy(story, agreement.id), await breachBy(story, agreement.id)];
    await cure(story, first);
    expect(await approval()).toMatchObject(notAllowed);
    await cure(story, second);
    expect((await approval()).status).toBe(201);
  });

  it('what runs goes on: keys that were issued are answered as before', async () => {
    const agreement = await executed();
    const key = await keyUnder(story, agreement.id, until());
    await breachBy(story, agreement.id);
    expect((await decide(story, key)).decision).toBe('allow');
  });

  it('under another agreement, by the partner, or of another kind, everything begins as usual', async () => {
    const agreement = await executed();
    const { approval, request } = await attempts(agreement);
    await breachBy(story, (await executed()).id);
    await breachBy(story, agreement.id, story.cast.partnerAdmin);
    done(await serve(story, agreement.id, story.cast.compliance, { kind: 'termination', clauseRef: '11' }));
    done(await serve(story, agreement.id, story.cast.compliance, { kind: 'other', clauseRef: '11' }));
    expect([(await approval()).status, (await request()).status]).toEqual([201, 201]);
  });
});

describe('a stop within an agreement because of a breach', () => {
  const stop = (agreement: TextAtWork, more: object, by = story.cast.compliance) =>
    post<{ id: string }>(stage, by, `${agreement.path}/suspensions`, {
      scope: 'agreement',
      reasonCode: 'suspected_breach',
      reason: 'Keys were shared.',
      ...more,
    });
  const required = { status: 409, body: { code: 'notice_required', pointer: '/noticeId' } };

  it.each(['suspected_breach', 'confirmed_breach'])('that is %s names a notice of it', async (reasonCode) => {
    const agreement = await executed();
    expect(await stop(agreement, { reasonCode })).toMatchObject(required);
    expect((await agreement.read()).body.status).toBe('in_force');
    const { id: noticeId } = await breachBy(story, agreement.id);
    expect((await stop(agreement, { reasonCode, noticeId })).status).toBe(201);
    expect((await agreement.read()).body.status).toBe('suspended');
  });

  it('names one that the lab served of a breach, under this agreement, and did not withdraw', async () => {
    const agreement = await executed();
    const withdrawn = await breachBy(story, agreement.id);
    done(await tellOf(story, withdrawn, story.cast.compliance, 'withdrawal', { decision: 'A mistake of ours.' }));
    const wrong = {
      withdrawn: withdrawn.id,
      'of the partner': (await breachBy(story, agreement.id, story.cast.partnerAdmin)).id,
      'of termination': (await breachBy(story, agreement.id, story.cast.compliance, { kind: 'termination' })).id,
      'of another agreement': (await breachBy(story, (await executed()).id)).id,
      unknown: '0192f3a4-5b6c-7d8e-9f01-23456789abcd',
    };
    for (const [what, noticeId] of Object.entries(wrong)) {
      expect(await stop(agreement, { noticeId }), what).toMatchObject(required);
    }
    expect((await agreement.read()).body).toMatchObject({ status: 'in_force', suspensions: [] });
  });

  it('names none for a use that the terms let be stopped at once, but for no other use', async () => {
    const agreement = await executed();
    expect(await stop(agreement, { prohibitedUse: 'competitive_benchmarking' })).toMatchObject(required);
    expect((await stop(agreement, { prohibitedUse: 'model_training' })).status).toBe(201);
  });

  it('names none for what is dangerous, unlawful, looked into or wished for, whatever its scope', async () => {
    const agreement = await executed();
    for (const reasonCode of ['security', 'legal', 'requested_by_partner', 'investigation']) {
      expect((await stop(agreement, { reasonCode })).status, reasonCode).toBe(201);
    }
    const purpose = { scope: 'purpose', target: 'robustness.jailbreak' };
    expect(await stop(agreement, purpose)).toMatchObject(required);
    expect((await stop(agreement, { ...purpose, reasonCode: 'security' })).status).toBe(201);
  });

  it('of a whole organisation or of a key names none', async () => {
    const agreement = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(20 * day));
    const because = { reasonCode: 'confirmed_breach', reason: 'Keys were shared.' };
    expect((await post(stage, story.cast.compliance, `/v1/keys/${key.id}/suspensions`, because)).status).toBe(201);
    expect((await decide(story, key)).code).toBe('key_suspended');
    const path = `/v1/partners/${story.organisationId}/suspensions`;
    const { id } = done(await post<{ id: string }>(stage, story.cast.compliance, path, because));
    expect((await agreement.read()).body.suspensions.map((one) => one.id)).toContain(id);
  });
});

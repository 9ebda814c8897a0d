import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { termsOf } from '../../src/demo/agreement.js';
import { day } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { agreed } from '../setup/agreed.js';
import { Callers, callersOf, countStatuses, inParallel } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

interface Review {
  id: string;
  state: string;
  status: string;
  versionNumber: number;
  submittedAt: string;
  reviewBy: string;
  extendedAt: string | null;
  previousReviewId: string | null;
  allowedActions: string[];
  objections: { ground: string; passage: string }[];
  code: string;
  detail: string;
  pointer: string;
  expected: string;
}

const manuscript = { title: 'Jailbreaks of a season', manuscriptDigest: `sha-256:${'b'.repeat(64)}` };
const because = { reason: 'The reviewer is away.' };

describe('the review of a publication', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;
  let organisationId: string;
  let agreementId: string;

  beforeAll(async () => {
    // A Monday.
    stage = await openStage({ at: new Date('2026-03-02T09:00:00Z') });
    story = await given.activeAgreement(stage);
    ({ organisationId } = story);
  });

  afterAll(() => stage.stop());

  beforeEach(async () => {
    people = await callersOf(stage, story.cast);
  });

  const sweep = () => stage.app.get(Sweeper).sweep();
  const relogin = async () => (people = await callersOf(stage, story.cast));
  const agree = async (publication: Partial<Terms['publication']> = {}, begins = 0) => {
    const usual = termsOf(stage.clock.now(), stage.clock.now(), 1).publication;
    const changes = { publication: { ...usual, ...publication } };
    agreementId = await agreed({ stage, people, organisationId, days: 400, begins }, changes);
  };
  const submit = (changes: object = {}, by = people.researcher) =>
    by.post<Review>(`/v1/agreements/${agreementId}/publication-reviews`, { ...manuscript, ...changes });
  const object = ({ id }: Review, changes: object = {}, by = people.compliance) =>
    by.post<Review>(`/v1/publication-reviews/${id}/objections`, {
      ground: 'factual_error',
      passage: 'Section 3',
      detail: 'The figure is of another model.',
      ...changes,
    });
  const read = async ({ id }: Review) => (await people.researcher.get<Review>(`/v1/publication-reviews/${id}`)).body;
  const command = ({ id }: Review, noun: string, by = people.compliance) =>
    by.post<Review>(`/v1/publication-reviews/${id}/${noun}`, because);
  const silences = ({ id }: Review) =>
    stage.sql("SELECT FROM audit_entry WHERE action = 'publication.cleared_by_silence' AND subject_id = $1", [id]);

  it('has so many business days, and silence at their end clears it, at the exact instant', async () => {
    await agree();
    const { body: review } = await submit();
    expect(review).toMatchObject({ state: 'under_review', status: 'under_review', versionNumber: 1 });
    expect(review.reviewBy).toBe('2026-03-24T00:00:00.000Z');
    const { body: other } = await submit();
    stage.clock.moveTo(new Date(Date.parse(review.reviewBy) - 1));
    await relogin();
    await sweep();
    expect((await object(other)).body).toMatchObject({ state: 'objected', status: 'objected' });
    expect((await read(review)).status).toBe('under_review');
    stage.clock.advance(1);
    expect(await read(review)).toMatchObject({
      state: 'under_review',
      status: 'cleared_by_silence',
      allowedActions: [],
    });
    for (const answer of [
      await object(review),
      await command(review, 'extension'),
      await command(review, 'clearance'),
      await command(review, 'withdrawal', people.researcher),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
      expect(answer.body.detail).toContain(review.reviewBy);
    }
    expect(await object(other)).toMatchObject({ status: 409 });
    await Promise.all([sweep(), sweep(), sweep()]);
    await sweep();
    expect(await silences(review)).toHaveLength(1);
    expect(await silences(other)).toHaveLength(0);
  });

  it('that silence has cleared stays so on a node whose clock is behind', async () => {
    await agree();
    const { body: review } = await submit();
    await stage.sql(`SET session_replication_role = replica; INSERT INTO boundary_event VALUES
      ('publication_review', '${review.id}', 'publication.cleared_by_silence', '${review.reviewBy}', now())`);
    expect(await object(review)).toMatchObject({ status: 409 });
  });

  it('is objected to on the grounds of the terms alone, however unwelcome its findings are', async () => {
    await agree({ grounds: ['factual_error', 'hazardous_detail'] });
    const { body: review } = await submit();
    expect(await object(review, { ground: 'third_party_rights' })).toMatchObject({
      status: 422,
      body: {
        code: 'outside_agreement',
        pointer: '/ground',
        expected: 'one of: factual_error, hazardous_detail',
      },
    });
    expect(await object(review, { ground: 'adverse_findings' })).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', pointer: '/ground' },
    });
    expect((await read(review)).state).toBe('under_review');
    expect((await object(review, {}, people.partnerAdmin)).status).toBe(403);
    await object(review);
    await object(review, { ground: 'hazardous_detail', passage: 'Appendix' }, people.approver);
    expect((await read(review)).objections.map(({ ground, passage }) => [ground, passage])).toEqual([
      ['factual_error', 'Section 3'],
      ['hazardous_detail', 'Appendix'],
    ]);
  });

  it('is extended once, with a reason, by the days of the terms', async () => {
    await agree();
    stage.clock.moveTo(new Date('2026-04-06T09:00:00Z'));
    await relogin();
    const { body: review } = await submit();
    expect(review.reviewBy).toBe('2026-04-28T00:00:00.000Z');
    const at = `/v1/publication-reviews/${review.id}/extension`;
    expect((await people.compliance.post(at, {})).status).toBe(422);
    const answers = await inParallel(3, () => people.partnerships.post<Review>(at, because));
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 2 });
    const extended = await read(review);
    expect(extended).toMatchObject({ state: 'under_review', reviewBy: '2026-05-12T00:00:00.000Z' });
    stage.clock.moveTo(new Date('2026-05-11T23:59:59.999Z'));
    await sweep();
    await relogin();
    expect(await silences(review)).toHaveLength(0);
    expect((await object(review)).status).toBe(201);
  });

  it('is not extended where the terms give no days for it', async () => {
    await agree({ extensionBusinessDays: 0 });
    const { body: review } = await submit();
    expect(await command(review, 'extension')).toMatchObject({ status: 422, body: { code: 'outside_agreement' } });
  });

  it('after objections is one of its own, of the changed manuscript', async () => {
    await agree();
    const { body: first } = await submit();
    const previous = { previousReviewId: first.id, manuscriptDigest: `sha-256:${'c'.repeat(64)}` };
    expect(await submit(previous)).toMatchObject({ status: 422, body: { pointer: '/previousReviewId' } });
    await object(first);
    expect(await submit(previous)).toMatchObject({
      status: 201,
      body: { previousReviewId: first.id, state: 'under_review' },
    });
    await agree();
    expect(await submit(previous)).toMatchObject({ status: 422, body: { pointer: '/previousReviewId' } });
  });

  it('is cleared in words, also by dropping the objections; then nothing more is said', async () => {
    await agree();
    const { body: review } = await submit();
    await object(review);
    expect((await command(review, 'clearance', people.researcher)).status).toBe(403);
    expect((await command(review, 'clearance')).body).toMatchObject({ state: 'cleared', allowedActions: [] });
    expect((await object(review)).status).toBe(409);
    expect((await command(review, 'withdrawal', people.partnerAdmin)).status).toBe(409);
  });

  it('is withdrawn by the partner; by a researcher, only their own', async () => {
    await agree();
    const { body: review } = await submit({}, people.partnerAdmin);
    expect((await command(review, 'withdrawal', people.researcher)).status).toBe(403);
    expect((await command(review, 'withdrawal', people.partnerSignatory)).body.state).toBe('withdrawn');
    const { body: own } = await submit();
    expect((await command(own, 'withdrawal', people.researcher)).body.state).toBe('withdrawn');
    expect((await object(own)).status).toBe(409);
  });

  it('outlives the agreement, under the version that held last; before it begins there is none', async () => {
    await agree({}, 3);
    expect(await submit()).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    stage.clock.advance(500 * day);
    await relogin();
    const { status, body: review } = await submit();
    expect([status, review.versionNumber]).toEqual([201, 1]);
    expect((await object(review)).status).toBe(201);
  });

  it('goes by the calendar of the zone that the terms name', async () => {
    stage.clock.moveTo(new Date('2028-03-06T20:00:00Z'));
    await relogin();
    await agree({ timezone: 'America/Los_Angeles', reviewBusinessDays: 5 });
    expect((await submit()).body.reviewBy).toBe('2028-03-14T07:00:00.000Z');
  });
});

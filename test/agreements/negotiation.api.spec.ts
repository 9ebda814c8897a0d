import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { day } from '../../src/kernel/clock.js';
import { countStatuses } from '../setup/caller.js';
import { done, recruitPartner } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, limitedTo, reworded, TextAtWork } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const draft = (codeRequests = 10) => draftFor(story, 200, limitedTo(codeRequests));

async function proposed(): Promise<TextAtWork> {
  const text = await TextAtWork.agreement(story, draft());
  done(await text.give(story.cast.partnerships, 'proposal'));
  return text;
}

const refused = (status: number, code: string, pointer?: string) => ({
  status,
  body: { code, ...(pointer !== undefined && { pointer }) },
});

describe('the turn', () => {
  it('passes to the other party with each answer, and only who has it answers', async () => {
    const { partnerships, partnerAdmin, partnerSignatory } = story.cast;
    const text = await proposed();
    expect((await text.read()).body).toMatchObject({ state: 'in_negotiation', turn: 'partner' });
    expect(await text.counter(partnerships, draft(11))).toMatchObject(refused(409, 'not_your_turn'));
    expect(await text.accept(partnerships)).toMatchObject(refused(409, 'not_your_turn'));
    expect((await text.counter(partnerAdmin, draft(12))).body).toMatchObject({ headNumber: 2, turn: 'lab' });
    for (const one of [partnerAdmin, partnerSignatory]) {
      expect(await text.counter(one, draft(13))).toMatchObject(refused(409, 'not_your_turn'));
      expect(await text.accept(one)).toMatchObject(refused(409, 'not_your_turn'));
    }
    expect((await text.counter(partnerships, draft(14))).body).toMatchObject({ headNumber: 3, turn: 'partner' });
    expect((await text.accept(partnerSignatory)).body).toMatchObject({ state: 'in_approval', turn: null });
  });

  it('shows in what each may do: answering is offered to who has it, accepting not to who wrote', async () => {
    const { partnerships, partnerAdmin } = story.cast;
    const text = await proposed();
    const offered = async () =>
      Promise.all(
        [partnerships, partnerAdmin].map(async (one) =>
          (await text.read(one)).body.allowedActions.filter((action) => /accept|counter/.test(action)).toSorted(),
        ),
      );
    expect(await offered()).toEqual([[], ['accept', 'counter_propose']]);
    await text.counter(partnerAdmin, draft(12));
    expect(await offered()).toEqual([['accept', 'counter_propose'], []]);
    await text.accept(partnerships);
    await text.give(story.cast.compliance, 'return', { reason: 'Clause 5.' });
    await text.counter(partnerships, draft(13));
    await text.accept(partnerAdmin);
    await text.give(story.cast.compliance, 'return', { reason: 'Clause 5 still.' });
    expect(await offered()).toEqual([['counter_propose'], []]);
  });
});

describe('an answer', () => {
  it('names the head: one to an older text is stale, names the head, and changes nothing', async () => {
    const { partnerships, partnerAdmin } = story.cast;
    const text = await proposed();
    const first = text.digest;
    await text.counter(partnerAdmin, draft(12));
    const head = text.digest;
    const late = await text.counter(partnerships, draft(13), first);
    expect(late).toMatchObject(refused(409, 'stale_base', '/baseDigest'));
    expect(late.body.expected).toBe(head);
    expect((await text.read()).body).toMatchObject({ headNumber: 2, headDigest: head, turn: 'lab' });
    expect(await text.accept(partnerships, first)).toMatchObject(refused(409, 'digest_mismatch', '/digest'));
  });

  it('is one, when two people of the party that has the turn answer at once', async () => {
    const text = await proposed();
    const { digest } = text;
    const people = [story.cast.partnerAdmin, story.cast.partnerSignatory];
    const answers = await Promise.all(people.map((one, at) => text.counter(one, draft(20 + at), digest)));
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
    expect((await text.read()).body.headNumber).toBe(2);
  });

  it('carries what its author says of it to the other party', async () => {
    const text = await proposed();
    const body = { ...draft(12), baseDigest: text.digest, message: 'Two more, for the pilot.' };
    done(await text.give(story.cast.partnerSignatory, 'counter-proposals', body));
    const revision = await text.read(story.cast.partnerships, '/revisions/2');
    expect(revision.body).toMatchObject({ authorSide: 'partner', message: 'Two more, for the pilot.' });
  });

  it('is checked whole: every fault comes with its pointer, and none of it is kept', async () => {
    const text = await proposed();
    const { terms, prose } = draft();
    const body = { terms, prose: [...prose.slice(1), prose[3]!] };
    const answer = await text.counter(story.cast.partnerAdmin, body);
    expect(answer).toMatchObject(refused(422, 'invalid_request'));
    const pointers = answer.body.errors.map(({ pointer }) => pointer);
    expect(pointers).toContain(`/prose/${prose.length - 1}/clauseId`);
    expect(pointers).toContain('/terms/purposes/clauseRef');
    expect((await text.read()).body).toMatchObject({ headNumber: 1, turn: 'partner' });
  });
});

describe('a redline', () => {
  const words = 'A request beyond a hard quota is refused. Use beyond it is a finding, however it came about.';
  let text: TextAtWork;

  beforeAll(async () => {
    text = await TextAtWork.agreement(story, draft());
    done(await text.give(story.cast.partnerships, 'revisions', draft(11)));
    done(await text.give(story.cast.partnerships, 'proposal'));
    done(await text.counter(story.cast.partnerAdmin, reworded(draft(12), '5', words)));
  });

  interface Redline {
    before: object;
    after: object;
    terms: object[];
    prose: { clauseId: string; kind: string; text: { kind: string; text: string }[] }[];
  }
  const read = async (from: number, to: number, by = story.cast.partnerSignatory) =>
    text.read<Redline>(by, `/redline?from=${from}&to=${to}`);

  it('says what changed between two revisions: in the terms by pointer, in the words one by one', async () => {
    const { body } = await read(2, 3);
    expect(body.before).toMatchObject({ number: 2 });
    expect(body.after).toEqual({ number: 3, digest: text.digest });
    expect(body.terms).toEqual([{ pointer: '/quotas/0/limit', kind: 'changed', before: 11, after: 12 }]);
    const changed = body.prose.filter(({ kind }) => kind !== 'kept');
    expect(changed.map(({ clauseId, kind }) => [clauseId, kind])).toEqual([['5', 'changed']]);
    const differing = changed[0]!.text
      .filter(({ kind }) => kind !== 'kept')
      .map(({ kind, text: run }) => [kind, run.trim()]);
    expect(differing).toEqual([
      ['removed', 'breach'],
      ['added', 'finding'],
    ]);
    const after = changed[0]!.text.filter(({ kind }) => kind !== 'removed').map(({ text: run }) => run);
    expect(after.join('')).toBe(words);
  });

  it('reads backwards too, and says nothing of a revision and itself', async () => {
    expect((await read(3, 2)).body.terms).toEqual([
      { pointer: '/quotas/0/limit', kind: 'changed', before: 12, after: 11 },
    ]);
    const { body } = await read(3, 3);
    expect([body.terms, body.prose.filter(({ kind }) => kind !== 'kept')]).toEqual([[], []]);
  });

  it('is there for the revisions that one may read, as data and as a page', async () => {
    expect((await read(1, 3, story.cast.partnerships)).status).toBe(200);
    const page = await text.read(story.cast.partnerSignatory, '/redline/page?from=2&to=3');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const rest of ['', '/page']) {
      for (const [from, to] of [
        [1, 3],
        [3, 1],
        [2, 4],
      ] as const) {
        const answer = await text.read(story.cast.partnerSignatory, `/redline${rest}?from=${from}&to=${to}`);
        expect(answer).toMatchObject(refused(404, 'not_found'));
      }
      const wrong = await text.read(story.cast.partnerships, `/redline${rest}?from=0&to=2`);
      expect(wrong).toMatchObject(refused(422, 'invalid_request', '/from'));
      expect((await text.read(story.cast.partnerships, `/redline${rest}?from=2`)).body.pointer).toBe('/to');
    }
  });

  it('does not exist for another partner, nor does anything else of the text', async () => {
    const rival = await given.anotherRival(story);
    const queries = ['/redline?from=2&to=3', '/redline/page?from=2&to=3', '/comments', '/history', '/revisions/3'];
    for (const rest of queries) {
      expect(await text.read(rival.cast.partnerAdmin, rest), rest).toMatchObject(refused(404, 'not_found'));
    }
    const answer = await text.counter(rival.cast.partnerAdmin, draft());
    expect(answer).toMatchObject(refused(404, 'not_found'));
  });
});

describe('a text that is not signed', () => {
  it('lapses thirty days after its release, not a millisecond before, and takes nothing more', async () => {
    const { partnerships, partnerSignatory } = story.cast;
    const text = await (await TextAtWork.agreement(story, draft())).released();
    const signBy = new Date(stage.clock.now().getTime() + 30 * day);
    expect((await text.read()).body).toMatchObject({ state: 'out_for_signature', signBy: signBy.toISOString() });
    stage.clock.moveTo(new Date(signBy.getTime() - 1));
    await stage.app.get(Sweeper).sweep();
    expect(await text.state()).toBe('out_for_signature');
    stage.clock.moveTo(signBy);
    await stage.app.get(Sweeper).sweep();
    expect((await text.read(partnerSignatory)).body).toMatchObject({ state: 'lapsed', signBy: null });
    const answers = [
      await text.sign(),
      await text.give(partnerships, 'reopening', { reason: 'Too late.' }),
      await text.give(partnerships, 'withdrawal', { reason: 'Too late.' }),
    ];
    expect(countStatuses(answers)).toEqual({ 409: 3 });
  });

  it('has its thirty days anew after it was opened again and released anew', async () => {
    const { partnerships, partnerAdmin } = story.cast;
    const text = await (await TextAtWork.agreement(story, draft())).released();
    stage.clock.advance(29 * day);
    await text.give(partnerships, 'reopening', { reason: 'One word more.' });
    await text.counter(partnerships, draft(12));
    await text.accept(partnerAdmin);
    done(await text.approve());
    stage.clock.advance(2 * day);
    await stage.app.get(Sweeper).sweep();
    done(await text.sign());
    expect((await text.countersign()).body.state).toBe('executed');
  });

  // `sign` does not look at `signBy`: what happens depends on whether a sweep came before.
  it('is not signed after that either, whether or not a sweep has told that it lapsed', async () => {
    const text = await (await TextAtWork.agreement(story, draft())).released();
    stage.clock.advance(30 * day);
    expect((await text.sign()).status).toBe(409);
  });
});

it('a member of the partner who is neither its admin nor a signatory reads, and answers nothing', async () => {
  const text = await proposed();
  const reader = await recruitPartner(story, 'Rita Reader', ['researcher']);
  expect((await text.read(reader)).status).toBe(200);
  expect((await text.counter(reader, draft(12))).status).toBe(403);
  expect((await text.accept(reader)).status).toBe(403);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { Person } from '../../src/demo/person.js';
import { day } from '../../src/kernel/clock.js';
import { done, get } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, limitedTo, TextAtWork } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const draft = (codeRequests = 10) => draftFor(story, 200, limitedTo(codeRequests));

/** A text whose first revision is the lab's own, and whose second one the partner was shown. */
async function proposed(): Promise<TextAtWork> {
  const text = await TextAtWork.agreement(story, draft());
  done(await text.give(story.cast.partnerships, 'revisions', draft(11)));
  done(await text.give(story.cast.partnerships, 'proposal'));
  return text;
}

const remark = (more: object = {}) => ({
  revisionNumber: 2,
  clauseId: '5',
  body: 'Is this per calendar day?',
  audience: 'both_parties',
  ...more,
});

const bodiesFor = async (text: TextAtWork, by: Person, query = '') => {
  const { body } = await text.read<{ data: { body: string }[] }>(by, `/comments${query}`);
  return body.data.map(({ body: words }) => words);
};

describe('a remark', () => {
  it('for both parties is read by both, with its clause, its author and their party, newest first', async () => {
    const { partnerAdmin, partnerships, approver } = story.cast;
    const text = await proposed();
    done(await text.give(partnerAdmin, 'comments', remark()));
    const answer = done(await text.give(approver, 'comments', remark({ clauseId: '7', body: 'By UTC, yes.' })));
    expect(answer).toMatchObject({ authorName: approver.name, authorSide: 'lab', revisionNumber: 2, clauseId: '7' });
    for (const reader of [partnerAdmin, partnerships, story.cast.researcher]) {
      expect(await bodiesFor(text, reader)).toEqual(['By UTC, yes.', 'Is this per calendar day?']);
      expect(await bodiesFor(text, reader, '?clauseId=5')).toEqual(['Is this per calendar day?']);
    }
  });

  it.each([
    ['the lab', 'compliance', 'labSignatory', 'partnerAdmin'],
    ['the partner', 'partnerAdmin', 'partnerSignatory', 'compliance'],
  ] as const)('for the own party of %s is read there, and by nobody on the other side', async (_, by, own, other) => {
    const text = await proposed();
    const words = `Between ourselves, says ${by}.`;
    done(await text.give(story.cast[by], 'comments', remark({ audience: 'own_party', body: words })));
    expect(await bodiesFor(text, story.cast[by])).toEqual([words]);
    expect(await bodiesFor(text, story.cast[own])).toEqual([words]);
    expect(await bodiesFor(text, story.cast[other])).toEqual([]);
    const log = await get(stage, story.cast[other], `/v1/audit-entries?subject=${text.id}&limit=200`);
    expect(JSON.stringify(log.body)).not.toContain(words);
  });

  it('of the lab for its own leaves no trace in the log that the partner reads', async () => {
    const text = await proposed();
    const commented = async (by: Person) => {
      const log = await get<{ data: { action: string }[] }>(stage, by, `/v1/audit-entries?subject=${text.id}`);
      return log.body.data.filter(({ action }) => action === 'agreement.commented').length;
    };
    done(await text.give(story.cast.compliance, 'comments', remark({ audience: 'own_party' })));
    expect([await commented(story.cast.compliance), await commented(story.cast.partnerAdmin)]).toEqual([1, 0]);
    done(await text.give(story.cast.compliance, 'comments', remark()));
    expect([await commented(story.cast.compliance), await commented(story.cast.partnerAdmin)]).toEqual([2, 1]);
  });

  it('is on a clause and a revision that there are: any other is refused with its pointer and what there is', async () => {
    const text = await TextAtWork.agreement(story, {
      ...draft(),
      prose: [...draft().prose, { clauseId: '12', heading: 'Law', text: 'Some law applies.' }],
    });
    const { partnerships } = story.cast;
    done(await text.give(partnerships, 'revisions', draft(11)));
    done(
      await text.give(partnerships, 'comments', remark({ revisionNumber: 1, clauseId: '12', audience: 'own_party' })),
    );
    const gone = await text.give(partnerships, 'comments', remark({ clauseId: '12' }));
    expect(gone).toMatchObject({ status: 422, body: { code: 'invalid_request', pointer: '/clauseId' } });
    expect(gone.body.expected).toMatch(/^one of: 1, 2, .*11$/);
    for (const revisionNumber of [3, 2 ** 40]) {
      const answer = await text.give(partnerships, 'comments', remark({ revisionNumber }));
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', pointer: '/revisionNumber' } });
    }
    expect(await text.give(partnerships, 'comments', remark({ revisionNumber: 0 }))).toMatchObject({ status: 422 });
    expect(await bodiesFor(text, partnerships)).toHaveLength(1);
  });

  it('is not made by the partner on a revision that it was never shown, nor on a text that it was not', async () => {
    const text = await proposed();
    const { partnerAdmin } = story.cast;
    expect(await text.give(partnerAdmin, 'comments', remark({ revisionNumber: 1 }))).toMatchObject({
      status: 422,
      body: { pointer: '/revisionNumber' },
    });
    const hidden = await TextAtWork.agreement(story, draft());
    expect((await hidden.give(partnerAdmin, 'comments', remark({ revisionNumber: 1 }))).status).toBe(404);
    expect((await hidden.read(partnerAdmin, '/comments')).status).toBe(404);
  });

  // `comments` asks for the audience and not for the revision: the partner reads what was said of the lab's own drafts.
  it('of the lab on a revision that the partner was never shown is not shown to it either', async () => {
    const text = await TextAtWork.agreement(story, draft());
    const { partnerships, partnerAdmin } = story.cast;
    done(await text.give(partnerships, 'comments', remark({ revisionNumber: 1, body: 'We could go up to 500.' })));
    done(await text.give(partnerships, 'revisions', draft(11)));
    done(await text.give(partnerships, 'proposal'));
    expect(await bodiesFor(text, partnerAdmin)).toEqual([]);
  });

  it('is made by who negotiates, approves and signs; researchers and administrators of the lab make none', async () => {
    const text = await proposed();
    for (const by of [story.cast.researcher, story.cast.admin]) {
      expect((await text.give(by, 'comments', remark())).status).toBe(403);
    }
    for (const by of [story.cast.labSignatory, story.cast.partnerSignatory]) {
      expect((await text.give(by, 'comments', remark())).status).toBe(201);
    }
  });

  it('may hang on an amendment, apart from those on the agreement', async () => {
    const agreement = await (await TextAtWork.agreement(story, draft())).executed();
    const effectiveFrom = new Date(stage.clock.now().getTime() + day);
    const changed = { ...draft(), terms: limitedTo(20)((await agreedTerms(agreement)) as never) };
    const amendment = await TextAtWork.amendment(story, agreement.id, changed, { kind: 'material', effectiveFrom });
    done(await amendment.give(story.cast.partnerships, 'proposal'));
    done(await amendment.give(story.cast.partnerAdmin, 'comments', remark({ revisionNumber: 1 })));
    expect(await bodiesFor(amendment, story.cast.partnerships)).toHaveLength(1);
    expect(await bodiesFor(agreement, story.cast.partnerships)).toEqual([]);
  });
});

const agreedTerms = async (text: TextAtWork) =>
  (await text.read<{ terms: object }>(undefined, '/revisions/1')).body.terms;

describe('the history', () => {
  interface Step {
    command: string;
    fromState: string | null;
    toState: string;
    actorName: string;
    actorSide: string;
    reason: string | null;
    at: string;
  }
  const historyFor = async (text: TextAtWork, by: Person) =>
    (await text.read<{ data: Step[] }>(by, '/history?limit=200')).body.data;
  const commands = (steps: Step[]) => steps.map(({ command }) => command).toReversed();

  it('tells the lab every move since the first draft, the partner those since the first proposal', async () => {
    const { partnerAdmin, partnerships, compliance } = story.cast;
    const text = await proposed();
    await text.counter(partnerAdmin, draft(12));
    await text.accept(partnerships);
    await text.give(compliance, 'return', { reason: 'Clause 5 is not clear.' });
    await text.counter(partnerships, draft(13));
    await text.accept(partnerAdmin);
    await text.approve();
    await text.sign();
    await text.countersign();
    const shown = [
      'propose',
      'counter_propose',
      'accept',
      'return',
      'counter_propose',
      'accept',
      'approve',
      'release',
      'sign',
      'countersign',
    ];
    expect(commands(await historyFor(text, compliance))).toEqual(['create', 'revise', ...shown]);
    expect(commands(await historyFor(text, partnerAdmin))).toEqual(shown);
  });

  it('names of each move who made it for which party, from which state to which, when, and why', async () => {
    const { compliance, partnerAdmin, partnerships } = story.cast;
    const text = await TextAtWork.agreement(story, draft());
    stage.clock.advance(1_000);
    await text.accepted();
    stage.clock.advance(1_000);
    await text.give(compliance, 'return', { reason: 'Clause 5 is not clear.' });
    const [returned, accepted, , created] = await historyFor(text, partnerships);
    expect(returned).toMatchObject({
      command: 'return',
      fromState: 'in_approval',
      toState: 'in_negotiation',
      actorName: compliance.name,
      actorSide: 'lab',
      reason: 'Clause 5 is not clear.',
      at: stage.clock.now().toISOString(),
    });
    expect(accepted).toMatchObject({ actorName: partnerAdmin.name, actorSide: 'partner', reason: null });
    expect(created).toMatchObject({ command: 'create', fromState: null, toState: 'draft' });
    expect((await historyFor(text, partnerAdmin))[0]).toEqual(returned);
  });

  it('of a draft that was withdrawn unseen does not exist for the partner', async () => {
    const text = await TextAtWork.agreement(story, draft());
    await text.give(story.cast.partnerships, 'withdrawal', { reason: 'Not now.' });
    expect((await text.read(story.cast.partnerAdmin, '/history')).status).toBe(404);
    expect(commands(await historyFor(text, story.cast.compliance))).toEqual(['create', 'withdraw']);
  });

  it('says of what time brought about that Parley told it', async () => {
    const text = await (await TextAtWork.agreement(story, draft())).released();
    stage.clock.advance(30 * day);
    await stage.app.get(Sweeper).sweep();
    const [lapsed] = await historyFor(text, story.cast.partnerAdmin);
    expect(lapsed).toMatchObject({ command: 'lapse', toState: 'lapsed', actorSide: 'machine', actorName: 'Parley' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, minute } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { done } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { breachBy, cure, serve, tellOf } from '../setup/notices.js';
import { openStage, Stage } from '../setup/stage.js';
import { Change, Draft, draftFor, limitedTo, reworded, TextAtWork, withTerms } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const permitted = (terms: Terms): Terms => ({ ...terms, cure: { ...terms.cure, protectiveAmendments: true } });

async function executed(change = permitted) {
  const base = draftFor(story, 200, change);
  const agreement = await (await TextAtWork.agreement(story, base)).executed();
  // A version begins later than the one that it amends.
  stage.clock.advance(minute);
  return { base, agreement };
}

const now = (): Change => ({ kind: 'protective', effectiveFrom: stage.clock.now() });

const narrowed = (base: Draft) => withTerms(base, limitedTo(1));

/** A protective amendment with a breach open, submitted where nothing else is said. */
async function underBreach() {
  const { base, agreement } = await executed();
  const notice = await breachBy(story, agreement.id);
  const amendment = await TextAtWork.amendment(story, agreement.id, narrowed(base), now());
  return { base, agreement, notice, amendment };
}

const submit = (amendment: TextAtWork) => amendment.give(story.cast.partnerships, 'submission');

const notAllowed = { status: 409, body: { code: 'move_not_allowed' } };

describe('a protective amendment', () => {
  it('is approved by one person and executed by the lab’s signature alone, while a breach is open', async () => {
    const { amendment, agreement } = await underBreach();
    expect((await submit(amendment)).body.state).toBe('in_approval');
    expect(await amendment.countersign()).toMatchObject(notAllowed);
    expect((await amendment.approve()).body.state).toBe('out_for_signature');
    expect((await amendment.countersign()).body.state).toBe('executed');
    expect((await agreement.read()).body).toMatchObject({ status: 'in_force', versionNumber: 2 });
    const signatures = await stage.sql('SELECT party FROM agreement_signature WHERE text_id = $1', [amendment.id]);
    expect(signatures).toEqual([{ party: 'provider' }]);
  });

  it('is shown to the partner when it is submitted, who may read it and remark on it', async () => {
    const { amendment } = await underBreach();
    expect((await amendment.read(story.cast.partnerAdmin)).status).toBe(404);
    done(await submit(amendment));
    expect((await amendment.read(story.cast.partnerAdmin)).body.state).toBe('in_approval');
    const remark = { revisionNumber: 1, clauseId: '5', body: 'We object.', audience: 'both_parties' };
    expect((await amendment.give(story.cast.partnerAdmin, 'comments', remark)).status).toBe(201);
  });

  it('takes nothing that would make it a negotiation: no proposal, no signature or acknowledgement, no decline', async () => {
    const { partnerships, partnerSignatory, partnerAdmin } = story.cast;
    const { amendment } = await underBreach();
    expect(await amendment.give(partnerships, 'proposal')).toMatchObject(notAllowed);
    done(await submit(amendment));
    expect(await amendment.give(partnerAdmin, 'decline', { reason: 'No.' })).toMatchObject(notAllowed);
    done(await amendment.approve());
    expect(await amendment.sign()).toMatchObject(notAllowed);
    const acknowledgement = { digest: amendment.digest };
    expect(await amendment.give(partnerSignatory, 'acknowledgement', acknowledgement)).toMatchObject(notAllowed);
    expect(await amendment.give(partnerAdmin, 'decline', { reason: 'No.' })).toMatchObject(notAllowed);
    expect((await amendment.read(partnerSignatory)).body.allowedActions.filter((one) => one !== 'reopen')).toEqual([]);
    expect(await amendment.accept(partnerAdmin)).toMatchObject(notAllowed);
  });

  // `reopen` is for either party of any amendment, so that the partner can keep a protective one from being signed for
  // ever; and the turn that it gets lets it answer with terms of its own.
  it('is not opened again by the partner, whom it is not for to stop', async () => {
    const { amendment } = await underBreach();
    done(await submit(amendment));
    done(await amendment.approve());
    await amendment.give(story.cast.partnerSignatory, 'reopening', { reason: 'No.' });
    expect((await amendment.countersign()).body.state).toBe('executed');
  });

  it('takes terms that grant it', async () => {
    const { base, agreement } = await executed((terms) => terms);
    await breachBy(story, agreement.id);
    const answer = await TextAtWork.amend(story, agreement.id, narrowed(base), now());
    const [fault] = answer.body.errors;
    expect([answer.status, fault]).toMatchObject([
      422,
      { pointer: '/terms/cure/protectiveAmendments', code: 'terms.amendment_not_permitted' },
    ]);
    const forged = await TextAtWork.amend(story, agreement.id, withTerms(narrowed(base), permitted), now());
    expect(forged.body.errors.map(({ code }) => code)).toContain('terms.amendment_not_permitted');
  });

  it('takes a breach of which the lab gave notice: another notice, or one of the partner, is none', async () => {
    const { base, agreement } = await executed();
    const amendment = await TextAtWork.amendment(story, agreement.id, narrowed(base), now());
    expect(await submit(amendment)).toMatchObject(notAllowed);
    done(await serve(story, agreement.id, story.cast.compliance, { kind: 'termination', clauseRef: '11' }));
    done(await serve(story, agreement.id, story.cast.compliance, { kind: 'other', clauseRef: '11' }));
    await breachBy(story, agreement.id, story.cast.partnerAdmin);
    const { agreement: another } = await executed();
    await breachBy(story, another.id);
    expect(await submit(amendment)).toMatchObject(notAllowed);
    await breachBy(story, agreement.id);
    expect((await submit(amendment)).status).toBe(201);
  });

  it.each(['cured', 'withdrawn'])(
    'is not executed once the breach was %s, though it was submitted before',
    async (end) => {
      const { amendment, notice } = await underBreach();
      done(await submit(amendment));
      done(await amendment.approve());
      if (end === 'cured') await cure(story, notice);
      else done(await tellOf(story, notice, story.cast.compliance, 'withdrawal', { decision: 'A mistake of ours.' }));
      expect(await amendment.countersign()).toMatchObject(notAllowed);
      expect(await amendment.state()).toBe('out_for_signature');
      expect(await stage.sql('SELECT 1 FROM agreement_version WHERE text_id = $1', [amendment.id])).toEqual([]);
    },
  );

  it('only narrows: whatever would permit more is told with its pointer', async () => {
    const { base, agreement } = await executed();
    await breachBy(story, agreement.id);
    const wider: [Draft, string, string][] = [
      [withTerms(base, limitedTo(11)), '/terms/quotas/0/limit', 'terms.amendment_widens'],
      [
        withTerms(base, (terms) => ({ ...terms, networks: { ...terms.networks, cidrs: ['198.51.0.0/16'] } })),
        '/terms/networks/cidrs/0',
        'terms.amendment_widens',
      ],
      [
        withTerms(base, (terms) => ({ ...terms, cure: { ...terms.cure, periodDays: 1 } })),
        '/terms/cure/periodDays',
        'terms.amendment_fixed',
      ],
    ];
    for (const [draft, pointer, code] of wider) {
      const { status, body } = await TextAtWork.amend(story, agreement.id, draft, now());
      expect([status, body.errors.map((fault) => [fault.pointer, fault.code])]).toEqual([422, [[pointer, code]]]);
    }
    const words = reworded(narrowed(base), '9', 'The Provider may train on everything.');
    expect((await TextAtWork.amend(story, agreement.id, words, now())).body.errors).toMatchObject([
      { pointer: '/prose/8/text' },
    ]);
    const own = reworded(narrowed(base), '5', 'One request a day, while the breach is being cured.');
    expect((await TextAtWork.amend(story, agreement.id, own, now())).status).toBe(201);
  });

  it('is answered by the lab after a return, and stays within what it may change', async () => {
    const { amendment, base } = await underBreach();
    done(await submit(amendment));
    done(await amendment.give(story.cast.compliance, 'return', { reason: 'Too little.' }));
    expect((await amendment.counter(story.cast.partnerships, withTerms(base, limitedTo(11)))).status).toBe(422);
    expect((await amendment.counter(story.cast.partnerships, withTerms(base, limitedTo(2)))).body.turn).toBe('lab');
    expect((await submit(amendment)).body.state).toBe('in_approval');
  });

  it('is not approved by who wrote it', async () => {
    const { base, agreement } = await executed();
    await breachBy(story, agreement.id);
    const amendment = await TextAtWork.amendment(story, agreement.id, narrowed(base), now());
    const both = { roles: ['partnerships', 'approver'] };
    const { id } = await story.cast.partnerships.get<{ id: string }>('/v1/me');
    const token = await story.cast.admin.freshToken();
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    await fetch(`${stage.apiUrl}/v1/users/${id}/roles`, { method: 'PUT', headers, body: JSON.stringify(both) });
    done(await submit(amendment));
    expect(await amendment.approve(story.cast.partnerships)).toMatchObject({
      status: 403,
      body: { code: 'separation_of_duties' },
    });
  });

  it('has thirty days to be signed, like any other text', async () => {
    const { amendment } = await underBreach();
    done(await submit(amendment));
    done(await amendment.approve());
    expect((await amendment.read()).body.signBy).toBe(new Date(stage.clock.now().getTime() + 30 * day).toISOString());
  });
});

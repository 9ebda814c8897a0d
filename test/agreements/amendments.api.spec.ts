import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../../src/demo/person.js';
import { day } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { countStatuses } from '../setup/caller.js';
import { done, get, post, recruit } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { Change, Draft, draftFor, holding, limitedTo, reworded, TextAtWork, withTerms } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);
const soon = (kind: Change['kind'] = 'material'): Change => ({ kind, effectiveFrom: fromNow(day) });

/** An executed agreement and the text that it is. */
async function executed(change = (terms: Terms): Terms => terms) {
  const base = draftFor(story, 200, change);
  return { base, agreement: await (await TextAtWork.agreement(story, base)).executed() };
}

const readdressed = (base: Draft) =>
  withTerms(base, (terms) => ({
    ...terms,
    notices: {
      ...terms.notices,
      addresses: [...terms.notices.addresses, { party: 'evaluator', email: 'b@rival.example' }],
    },
  }));

const faults = (errors: { pointer: string; code: string }[]) => errors.map(({ pointer, code }) => [pointer, code]);
const notAllowed = { status: 409, body: { code: 'move_not_allowed' } };

describe('a material amendment', () => {
  it('changes anything but the start of the term, in its first draft and in every answer', async () => {
    const { base, agreement } = await executed();
    const later = withTerms(base, holding({ from: fromNow(day) }));
    const moved = await TextAtWork.amend(story, agreement.id, later, soon());
    expect(moved.status).toBe(422);
    expect(faults(moved.body.errors)).toContainEqual(['/terms/term/effectiveFrom', 'terms.amendment_start_moved']);
    const amendment = await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(99)), soon());
    done(await amendment.give(story.cast.partnerships, 'proposal'));
    const answer = await amendment.counter(story.cast.partnerAdmin, later);
    expect(faults(answer.body.errors)).toContainEqual(['/terms/term/effectiveFrom', 'terms.amendment_start_moved']);
    const longer = withTerms(base, holding({ until: fromNow(300 * day) }));
    expect((await amendment.counter(story.cast.partnerAdmin, reworded(longer, '1', 'Other words.'))).status).toBe(201);
  });

  it('changes something', async () => {
    const { base, agreement } = await executed();
    const same = await TextAtWork.amend(story, agreement.id, base, soon());
    expect([same.status, faults(same.body.errors)]).toEqual([422, [['', 'terms.amendment_empty']]]);
  });

  it('is negotiated, approved by its tier and signed by both, the partner first, under its own digest', async () => {
    const { base, agreement } = await executed();
    const helpful = withTerms(base, (terms) => ({
      ...terms,
      scope: { ...terms.scope, safeguardProfile: 'helpful_only' },
    }));
    const amendment = await TextAtWork.amendment(story, agreement.id, helpful, soon());
    expect(amendment.digest).not.toBe(agreement.digest);
    expect(await amendment.accept(story.cast.partnerAdmin)).toMatchObject({ status: 404 });
    await amendment.accepted();
    expect((await amendment.approve()).body.state).toBe('in_approval');
    expect((await amendment.approve(story.cast.compliance, 'compliance_lead')).body.state).toBe('in_approval');
    expect(await amendment.sign()).toMatchObject(notAllowed);
    const second = await recruit(story, 'Lena Second', ['approver']);
    expect((await amendment.approve(second, 'legal')).body.state).toBe('out_for_signature');
    expect(await amendment.countersign()).toMatchObject(notAllowed);
    done(await amendment.sign());
    expect((await amendment.countersign()).body.state).toBe('executed');
  });

  it('takes neither submission nor acknowledgement', async () => {
    const { base, agreement } = await executed();
    const amendment = await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(99)), soon());
    expect(await amendment.give(story.cast.partnerships, 'submission')).toMatchObject(notAllowed);
    await amendment.released();
    const body = { digest: amendment.digest };
    expect(await amendment.give(story.cast.partnerAdmin, 'acknowledgement', body)).toMatchObject(notAllowed);
    await amendment.signedByBoth();
    expect(await amendment.give(story.cast.partnerships, 'reopening', { reason: 'Late.' })).toMatchObject(notAllowed);
  });

  it('is hidden from the partner before it is proposed, and from other partners for ever', async () => {
    const { base, agreement } = await executed();
    const amendment = await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(99)), soon());
    const listed = async (by: Person) => {
      const path = `/v1/amendments?agreementId=${agreement.id}`;
      return (await get<{ data: { id: string }[] }>(stage, by, path)).body.data.map(({ id }) => id);
    };
    expect((await amendment.read(story.cast.partnerAdmin)).status).toBe(404);
    expect([await listed(story.cast.partnerAdmin), await listed(story.cast.compliance)]).toEqual([[], [amendment.id]]);
    done(await amendment.give(story.cast.partnerships, 'proposal'));
    expect(await listed(story.cast.partnerAdmin)).toEqual([amendment.id]);
    const { cast } = await given.anotherRival(story);
    expect((await amendment.read(cast.partnerAdmin)).status).toBe(404);
    expect((await amendment.accept(cast.partnerAdmin)).status).toBe(404);
    expect(await listed(cast.partnerAdmin)).toEqual([]);
  });
});

describe('an administrative amendment', () => {
  const ready = async () => {
    const { base, agreement } = await executed();
    const amendment = await TextAtWork.amendment(story, agreement.id, readdressed(base), soon('administrative'));
    done(await amendment.give(story.cast.partnerships, 'submission'));
    return { agreement, amendment, base };
  };

  it('changes addresses for notices and the words of their clause, and nothing else', async () => {
    const { base, agreement } = await executed();
    const wrong: [Draft, string][] = [
      [withTerms(base, limitedTo(1)), '/terms/quotas/0/limit'],
      [reworded(base, '5', 'Other words.'), '/prose/4/text'],
      [
        withTerms(base, (terms) => ({ ...terms, notices: { ...terms.notices, deemedReceivedHours: 24 } })),
        '/terms/notices/deemedReceivedHours',
      ],
      [withTerms(base, (terms) => ({ ...terms, cure: { ...terms.cure, periodDays: 60 } })), '/terms/cure/periodDays'],
    ];
    for (const [draft, pointer] of wrong) {
      const answer = await TextAtWork.amend(story, agreement.id, draft, soon('administrative'));
      expect([answer.status, faults(answer.body.errors)]).toEqual([422, [[pointer, 'terms.amendment_material']]]);
    }
    const right = reworded(readdressed(base), '11', 'Notices go to the addresses of the terms.');
    expect((await TextAtWork.amend(story, agreement.id, right, soon('administrative'))).status).toBe(201);
  });

  it('takes submission and one approval by another than its author, and is negotiated by nobody', async () => {
    const { amendment } = await ready();
    expect((await amendment.read()).body).toMatchObject({ state: 'in_approval', turn: null });
    expect((await amendment.approve(story.cast.approver, 'legal')).body.pointer).toBe('/stage');
    expect((await amendment.approve(story.cast.compliance)).status).toBe(403);
    expect((await amendment.approve()).body.state).toBe('out_for_signature');
    expect(await amendment.sign()).toMatchObject(notAllowed);
    expect(await amendment.countersign()).toMatchObject(notAllowed);
  });

  it('takes no proposal, and after a return an answer of the lab alone', async () => {
    const { amendment, base } = await ready();
    done(await amendment.give(story.cast.compliance, 'return', { reason: 'A slip.' }));
    expect((await amendment.read()).body).toMatchObject({ state: 'in_negotiation', turn: 'lab' });
    expect(await amendment.accept(story.cast.partnerAdmin)).toMatchObject(notAllowed);
    const answer = await amendment.counter(story.cast.partnerAdmin, readdressed(base));
    expect(answer).toMatchObject({ status: 409, body: { code: 'not_your_turn' } });
    expect((await amendment.counter(story.cast.partnerships, readdressed(base))).body.turn).toBe('lab');
    done(await amendment.give(story.cast.partnerships, 'submission'));
    expect((await amendment.approve()).body.state).toBe('out_for_signature');
  });

  // `acknowledge` saves an object that is no entity, so that every acknowledgement is a fault of ours (500).
  it('is executed by the partner’s acknowledgement of its digest, once it was approved', async () => {
    const { amendment, agreement } = await ready();
    const { partnerSignatory, partnerships, labSignatory, researcher } = story.cast;
    const acknowledge = (by: Person, digest = amendment.digest) => amendment.give(by, 'acknowledgement', { digest });
    expect(await acknowledge(partnerSignatory)).toMatchObject(notAllowed);
    done(await amendment.approve());
    for (const other of [partnerships, labSignatory, researcher]) expect((await acknowledge(other)).status).toBe(403);
    const mismatch = { status: 409, body: { code: 'digest_mismatch', pointer: '/digest' } };
    expect(await acknowledge(partnerSignatory, agreement.digest)).toMatchObject(mismatch);
    const answers = await Promise.all([acknowledge(partnerSignatory), acknowledge(story.cast.partnerAdmin)]);
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
    expect(await amendment.state()).toBe('executed');
    const rows = await stage.sql('SELECT method, party, title, jws FROM agreement_signature WHERE text_id = $1', [
      amendment.id,
    ]);
    expect(rows).toEqual([{ method: 'acknowledgement', party: 'evaluator', title: null, jws: null }]);
  });

  // `reopen` hands the turn to whoever opens it, and the partner may then answer with a text of its own.
  it('stays the lab’s to word, though the partner opens it again', async () => {
    const { amendment, base } = await ready();
    done(await amendment.approve());
    await amendment.give(story.cast.partnerSignatory, 'reopening', { reason: 'Another address.' });
    expect((await amendment.counter(story.cast.partnerSignatory, readdressed(base))).status).toBe(409);
  });
});

describe('the instant from which an amendment is to hold', () => {
  const at = async (agreement: TextAtWork, base: Draft, effectiveFrom: Date) =>
    TextAtWork.amend(story, agreement.id, withTerms(base, limitedTo(99)), { kind: 'material', effectiveFrom });
  const refused = { status: 422, body: { code: 'invalid_request', pointer: '/effectiveFrom' } };

  it('is now or later, and before the end of the term', async () => {
    const { base, agreement } = await executed();
    stage.clock.advance(day);
    const end = new Date(base.terms.term.expiresAt);
    expect(await at(agreement, base, fromNow(-1))).toMatchObject(refused);
    const late = await at(agreement, base, end);
    expect(late).toMatchObject(refused);
    expect(late.body.expected).toBe(`${stage.clock.now().toISOString()} or later, and before ${end.toISOString()}`);
    expect((await at(agreement, base, fromNow(0))).status).toBe(201);
    expect((await at(agreement, base, new Date(end.getTime() - 1))).status).toBe(201);
  });

  it('is after the version that it amends begins', async () => {
    const begin = fromNow(10 * day);
    const later = draftFor(story, 200, holding({ from: begin }));
    const agreement = await (await TextAtWork.agreement(story, later)).executed();
    expect((await agreement.read()).body.status).toBe('pending');
    expect(await at(agreement, later, begin)).toMatchObject(refused);
    expect(await at(agreement, later, fromNow(day))).toMatchObject(refused);
    expect((await at(agreement, later, new Date(begin.getTime() + 1))).status).toBe(201);
  });

  it('is an instant', async () => {
    const { base, agreement } = await executed();
    const body = { ...withTerms(base, limitedTo(99)), kind: 'material', rationale: 'More.', effectiveFrom: 'tomorrow' };
    const answer = await post(stage, story.cast.partnerships, `${agreement.path}/amendments`, body);
    expect(answer).toMatchObject(refused);
  });

  // Only the term that is amended is asked; such a version begins after its own end, and would never hold.
  it('is before the end of the term that the amendment itself names', async () => {
    const { base, agreement } = await executed();
    const shorter = withTerms(base, holding({ until: fromNow(5 * day) }));
    const change: Change = { kind: 'material', effectiveFrom: fromNow(10 * day) };
    expect(await TextAtWork.amend(story, agreement.id, shorter, change)).toMatchObject({ status: 422 });
  });
});

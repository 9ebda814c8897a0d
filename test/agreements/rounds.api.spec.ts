import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../src/agreements/signing/verify-evidence.js';
import { Person } from '../../src/demo/person.js';
import { countStatuses } from '../setup/caller.js';
import { done, eventsOf } from '../setup/desk.js';
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

interface Bundle {
  signatures: { party: string; digest: string }[];
  voidedSignatures: { party: string; digest: string; legalName: string }[];
  approvals: { digest: string; approverId: string }[];
}

const bundleOf = async (text: TextAtWork) => JSON.parse((await text.evidence()).toString()) as Bundle;

const signaturesIn = (id: string) =>
  stage.sql<{ round: number; party: string; digest: string }>(
    'SELECT * FROM agreement_signature WHERE text_id = $1 ORDER BY id',
    [id],
  );

const reopen = (text: TextAtWork, by: Person) => text.give(by, 'reopening', { reason: 'One word more.' });

describe('opening a text again that is out for signature', () => {
  it.each([
    ['the lab', 'partnerships', 'lab'],
    ['the partner', 'partnerSignatory', 'partner'],
  ] as const)('is for %s too, and hands that party the turn', async (_, by, side) => {
    const text = await (await TextAtWork.agreement(story, draft())).released();
    expect((await reopen(text, story.cast[by])).body).toMatchObject({
      state: 'in_negotiation',
      turn: side,
      signBy: null,
    });
    const other = side === 'lab' ? story.cast.partnerAdmin : story.cast.partnerships;
    expect(await text.counter(other, draft(12))).toMatchObject({ status: 409, body: { code: 'not_your_turn' } });
    expect((await text.counter(story.cast[by], draft(12))).status).toBe(201);
  });

  it('is for who negotiates for the lab or signs for the partner, with a reason, before execution only', async () => {
    const text = await (await TextAtWork.agreement(story, draft())).released();
    const { approver, labSignatory, compliance, partnerAdmin, researcher, partnerships } = story.cast;
    const others = [approver, labSignatory, compliance, partnerAdmin, researcher];
    expect(countStatuses(await Promise.all(others.map((one) => reopen(text, one))))).toEqual({ 403: 5 });
    expect((await text.give(partnerships, 'reopening')).body.pointer).toBe('/reason');
    await text.signedByBoth();
    expect(await reopen(text, partnerships)).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
  });

  it('voids the signatures given so far: they stay as they were written, and count no more', async () => {
    const { partnerships, partnerAdmin } = story.cast;
    const text = await (await TextAtWork.agreement(story, draft())).released();
    done(await text.sign());
    const before = await signaturesIn(text.id);
    expect(before).toMatchObject([{ round: 1, party: 'evaluator', digest: text.digest }]);
    done(await reopen(text, partnerships));
    done(await text.counter(partnerships, draft()));
    expect(text.digest).toBe(before[0]!.digest);
    done(await text.accept(partnerAdmin));
    done(await text.approve());
    expect(await signaturesIn(text.id)).toEqual(before);
    expect(await text.countersign()).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    done(await text.sign());
    expect((await text.countersign()).body.state).toBe('executed');
    expect((await signaturesIn(text.id)).map(({ round, party }) => [round, party])).toEqual([
      [1, 'evaluator'],
      [2, 'evaluator'],
      [2, 'provider'],
    ]);
  });

  it('shows in the evidence what was voided, which then verifies and says so', async () => {
    const { partnerships, partnerAdmin, partnerSignatory } = story.cast;
    const text = await (await TextAtWork.agreement(story, draft())).released();
    const first = text.digest;
    done(await text.sign());
    done(await reopen(text, partnerSignatory));
    done(await text.counter(partnerAdmin, draft(12)));
    done(await text.accept(partnerships));
    done(await text.approve());
    await text.signedByBoth();
    const { signatures, voidedSignatures, approvals } = await bundleOf(text);
    expect(signatures.map(({ party, digest }) => [party, digest])).toEqual([
      ['evaluator', text.digest],
      ['provider', text.digest],
    ]);
    expect(voidedSignatures.map(({ party, digest, legalName }) => [party, digest, legalName])).toEqual([
      ['evaluator', first, partnerSignatory.name],
    ]);
    expect(approvals.map(({ digest }) => digest)).toEqual([text.digest]);
    const { findings, beyond } = verifyEvidence(await text.evidence());
    expect(findings.filter(({ holds }) => !holds)).toEqual([]);
    expect(beyond.join('\n')).toMatch(/1 earlier signature\(s\) were voided/);
  });

  it('tells in the log whose signatures it voided', async () => {
    const text = await (await TextAtWork.agreement(story, draft())).released();
    done(await text.sign());
    done(await reopen(text, story.cast.partnerships));
    const [entry] = await stage.sql<{ detail: { voided: string[]; reason: string } }>(
      `SELECT detail FROM audit_entry JOIN audit_detail ON entry_id = id
       WHERE subject_id = $1 AND action = 'agreement.signatures_voided'`,
      [text.id],
    );
    const [signature] = await stage.sql('SELECT id FROM agreement_signature WHERE text_id = $1', [text.id]);
    expect(entry!.detail).toEqual({ reason: 'One word more.', voided: [signature!.id] });
  });

  it('lets nobody accept what their own party wrote, though the turn came back to it', async () => {
    const { partnerships, partnerAdmin, partnerSignatory } = story.cast;
    const text = await (await TextAtWork.agreement(story, draft())).released();
    done(await reopen(text, partnerships));
    expect(await text.accept(partnerships)).toMatchObject({ status: 409, body: { code: 'not_your_turn' } });
    done(await text.counter(partnerships, draft(12)));
    done(await text.counter(partnerAdmin, draft(13)));
    done(await text.accept(partnerships));
    done(await text.approve());
    done(await reopen(text, partnerSignatory));
    for (const one of [partnerAdmin, partnerSignatory]) {
      expect(await text.accept(one)).toMatchObject({ status: 409, body: { code: 'not_your_turn' } });
    }
    expect(await text.state()).toBe('in_negotiation');
  });

  it('happens before the last signature or not at all, when both are sent at once', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const text = await (await TextAtWork.agreement(story, draft())).released();
      done(await text.sign());
      const answers = await Promise.all([text.countersign(), reopen(text, story.cast.partnerSignatory)]);
      expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
      const executed = (await text.state()) === 'executed';
      expect(executed).toBe(answers[0].status === 201);
      const versions = await stage.sql('SELECT 1 FROM agreement_version WHERE text_id = $1', [text.id]);
      expect(versions).toHaveLength(executed ? 1 : 0);
    }
  });
});

describe('an accepted text that is returned', () => {
  it('is the lab’s turn, which answers it with a text and does not accept its own', async () => {
    const { compliance, partnerships, partnerAdmin } = story.cast;
    const text = await (await TextAtWork.agreement(story, draft())).accepted();
    expect((await text.give(compliance, 'return', { reason: 'Clause 5.' })).body).toMatchObject({
      state: 'in_negotiation',
      turn: 'lab',
    });
    expect(await text.accept(partnerships)).toMatchObject({ status: 409, body: { code: 'not_your_turn' } });
    expect(await text.accept(partnerAdmin)).toMatchObject({ status: 409, body: { code: 'not_your_turn' } });
    expect((await text.counter(partnerships, draft(12))).body.turn).toBe('partner');
  });

  it('and accepted again with the same words is approved again, by who approved it before too', async () => {
    const { compliance, partnerships, partnerAdmin, approver } = story.cast;
    const helpful = draftFor(story, 200, (terms) => ({
      ...terms,
      scope: { ...terms.scope, safeguardProfile: 'helpful_only' },
    }));
    const text = await (await TextAtWork.agreement(story, helpful)).accepted();
    const { digest } = text;
    done(await text.approve(approver));
    done(await text.approve(compliance, 'compliance_lead'));
    done(await text.give(compliance, 'return', { reason: 'A second look.' }));
    done(await text.counter(partnerships, helpful));
    expect(text.digest).toBe(digest);
    done(await text.accept(partnerAdmin));
    expect((await text.approve(compliance, 'compliance_lead')).body.state).toBe('in_approval');
    expect((await text.approve(approver)).body.state).toBe('in_approval');
    const rounds = await stage.sql<{ round: number; stage: string }>(
      'SELECT round, stage FROM agreement_approval WHERE text_id = $1 ORDER BY id',
      [text.id],
    );
    expect(rounds.map(({ round, stage: of }) => `${round} ${of}`)).toEqual([
      '1 approver',
      '1 compliance_lead',
      '2 compliance_lead',
      '2 approver',
    ]);
    expect((await eventsOf(stage, text.id)).filter((event) => event === 'agreement.approval_recorded')).toHaveLength(4);
  });
});

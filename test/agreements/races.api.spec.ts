import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { Caller, Callers, callersOf, enlist, hire, inParallel } from '../setup/caller.js';
import { Answer, given, Given } from '../setup/given.js';
import { made, Negotiation, TextAnswer, UnderWay } from '../setup/negotiation.js';
import { openStage, Stage } from '../setup/stage.js';

/** How often each race is run, and in how many lanes side by side; each lane has agreements of its own. */
const rounds = 100;
const lanes = 4;

let stage: Stage;
let story: Given;
let people: Callers;
let second: Caller;
let negotiation: Negotiation;
let database: Pool;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  people = await callersOf(stage, story.cast);
  second = await hire(stage, people.admin, 'Paul Partnerships', ['partnerships']);
  database = new Pool({ connectionString: stage.ownerUrl, max: 2 });
});

afterAll(async () => {
  await database.end();
  await stage.stop();
});

beforeEach(async () => {
  people = await callersOf(stage, story.cast);
  negotiation = new Negotiation(people, story);
});

/** What is really stored, read behind the application's back. */
async function rows<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]> {
  return (await database.query(sql, values)).rows as Row[];
}

/** Runs a race as often as is promised; `open` readies a lane and says what one round of it is. */
async function race(open: (lane: number) => Promise<(round: number) => Promise<void>>): Promise<void> {
  await inParallel(lanes, async (lane) => {
    const runRound = await open(lane);
    for (let round = lane; round < rounds; round += lanes) await runRound(round);
  });
}

/** Two requests at once, of which now the one and now the other is sent first; the answers keep their places. */
async function atOnce<A, B>(round: number, one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  if (Math.floor(round / lanes) % 2 === 0) return Promise.all([one(), other()]);
  const [last, first] = await Promise.all([other(), one()]);
  return [first, last];
}

/** The statuses and codes of answers, sorted, as one text: `201, 409 stale_base`. */
function outcome(...answers: Answer<{ code?: string }>[]): string {
  return answers
    .map(({ status, body }) => [status, body.code].filter(Boolean).join(' '))
    .toSorted()
    .join(', ');
}

/** How often each outcome came about, so that a race that only ever goes one way is seen. */
class Tally {
  readonly counts: Record<string, number> = {};

  add(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }
}

describe('of two people or two moves at once, exactly one counts', () => {
  it('one person who approves at two stages of a high-tier text is heard once', { timeout: 300_000 }, async () => {
    const eve = await hire(stage, people.admin, 'Eve Everything', ['approver', 'compliance']);
    const dan = await hire(stage, people.admin, 'Dan Delegator', ['approver']);
    const { id: delegateId } = (await people.compliance.get<{ id: string }>('/v1/me')).body;
    const [from, until] = [stage.clock.now(), new Date(stage.clock.now().getTime() + day)];
    made(await dan.post('/v1/approval-delegations', { delegateId, stage: 'legal', from, until, reason: 'Away' }));
    // In person twice; in person and for another; in person and through another.
    const pairs: [Caller, string, Caller, string][] = [
      [eve, 'approver', eve, 'compliance_lead'],
      [people.compliance, 'compliance_lead', people.compliance, 'legal'],
      [dan, 'approver', people.compliance, 'legal'],
    ];
    await race(async (lane) => {
      const text = await negotiation.agreement({ limit: lane + 1, safeguardProfile: 'helpful_only' });
      await negotiation.accept(text);
      let counted = 1;
      return async (round) => {
        const [one, oneStage, other, otherStage] = pairs[round % pairs.length]!;
        const approve = (by: Caller, at: string) => () =>
          by.post<TextAnswer>(`${text.at}/approvals`, { digest: text.digest, stage: at });
        const answers = await atOnce(round, approve(one, oneStage), approve(other, otherStage));
        expect(outcome(...answers)).toBe('201, 403 separation_of_duties');
        expect(await approvalsOf(text, counted)).toHaveLength(1);
        expect(await stateOf(text)).toBe('in_approval');
        made(await people.approver.post(`${text.at}/return`, { reason: 'Once more.' }));
        await negotiation.acceptAnew(text, { limit: round + 10, safeguardProfile: 'helpful_only' });
        counted += 1;
      };
    });
  });

  it('two answers of one party to one revision: one stands, the other is stale', { timeout: 300_000 }, async () => {
    const signatory = await enlist(
      people.partnerAdmin,
      { stage, organisationId: story.organisationId },
      'Sue Signatory',
      ['partner_signatory'],
    );
    await race(async (lane) => {
      const text = await negotiation.agreement({ limit: lane + 1 });
      made(await people.partnerships.post(`${text.at}/proposal`));
      let head = 1;
      return async (round) => {
        const own = head % 2 === 1 ? [people.partnerAdmin, signatory] : [people.partnerships, second];
        const answer = (place: 0 | 1) => () =>
          own[place]!.post<TextAnswer>(`${text.at}/counter-proposals`, {
            ...negotiation.text({ limit: 10 + 2 * round + place }),
            baseDigest: text.digest,
          });
        const answers = await atOnce(round, answer(0), answer(1));
        expect(outcome(...answers)).toMatch(/^201, 409 (stale_base|not_your_turn)$/);
        head += 1;
        const { headDigest } = answers.find(({ status }) => status === 201)!.body;
        const turn = head % 2 === 1 ? 'partner' : 'lab';
        expect(await rows('SELECT head_number, head_digest, turn FROM agreement WHERE id = $1', text.id)).toEqual([
          { head_number: head, head_digest: headDigest, turn },
        ]);
        expect(
          await rows('SELECT max(number), count(*)::int FROM agreement_revision WHERE text_id = $1', text.id),
        ).toEqual([{ max: head, count: head }]);
        text.digest = headDigest;
      };
    });
  });

  it('a countersignature and a reopening: a version, or void signatures', { timeout: 300_000 }, async () => {
    const tally = new Tally();
    await race(async (lane) => {
      let text = await signed(lane);
      let round = 1;
      return async (index) => {
        const by = index % 3 === 0 ? people.partnerSignatory : people.partnerships;
        const [executed, reopened] = await atOnce(
          index,
          () => negotiation.countersign(text),
          () => negotiation.reopen(text, by),
        );
        expect(outcome(executed, reopened)).toBe('201, 409 move_not_allowed');
        const won = executed.status === 201;
        tally.add(won ? 'executed' : 'reopened');
        expect(await stateOf(text)).toBe(won ? 'executed' : 'in_negotiation');
        expect(await versionsOf(text)).toBe(won ? 1 : 0);
        expect(await signaturesOf(text, round)).toEqual(won ? ['evaluator', 'provider'] : ['evaluator']);
        if (won) {
          text = await signed(index);
          round = 1;
          return;
        }
        await takeBackToApproval(text, by, index);
        await negotiation.approve(text);
        round += 1;
        expect(await signaturesOf(text, round)).toEqual([]);
        expect(outcome(await negotiation.countersign(text))).toBe('409 move_not_allowed');
        made(await negotiation.sign(text));
      };
    });
    expect(Object.keys(tally.counts).toSorted(), JSON.stringify(tally.counts)).toEqual(['executed', 'reopened']);
  });

  it('a signature and a reopening: the text is open, whichever came first', { timeout: 300_000 }, async () => {
    const tally = new Tally();
    await race(async (lane) => {
      const text = await negotiation.agreement({ limit: lane + 1 });
      await negotiation.accept(text);
      let round = 1;
      return async (index) => {
        await negotiation.approve(text);
        const by = index % 3 === 0 ? people.partnerSignatory : people.partnerships;
        const [signature, reopened] = await atOnce(
          index,
          () => negotiation.sign(text),
          () => negotiation.reopen(text, by),
        );
        expect(reopened.status).toBe(201);
        expect(outcome(signature)).toMatch(/^(201|409 move_not_allowed)$/);
        tally.add(outcome(signature));
        expect(await stateOf(text)).toBe('in_negotiation');
        expect(await signaturesOf(text, round)).toEqual(signature.status === 201 ? ['evaluator'] : []);
        expect(await versionsOf(text)).toBe(0);
        await takeBackToApproval(text, by, index);
        round += 1;
        expect(await signaturesOf(text, round)).toEqual([]);
      };
    });
    expect(Object.keys(tally.counts).length, JSON.stringify(tally.counts)).toBe(2);
  });

  it('an amendment and the end of its agreement: nothing is executed after the end', { timeout: 300_000 }, async () => {
    const tally = new Tally();
    await race(() =>
      Promise.resolve(async (round) => {
        const agreement = await negotiation.executed({ limit: 1 });
        const amendment = await negotiation.amendment(agreement.id, { limit: round + 10 });
        await negotiation.takeToCountersignature(amendment);
        const body = { kind: 'mutual', reason: 'The work is done.' };
        const { id } = made(await people.approver.post<TextAnswer>(`${agreement.at}/terminations`, body));
        const [executed, ended] = await atOnce(
          round,
          () => negotiation.countersign(amendment),
          () => people.partnerSignatory.post<TextAnswer>(`/v1/terminations/${id}/confirmation`),
        );
        const outcomes = `${outcome(executed)} / ${outcome(ended)}`;
        tally.add(outcomes);
        // An amendment that is executed first does not keep the parties from ending the agreement; one that comes second
        // has nothing left to amend.
        expect(['201 / 201', '409 move_not_allowed / 201']).toContain(outcomes);
        const won = executed.status === 201;
        expect(await stateOf(agreement)).toBe('terminated');
        expect(await amendmentState(amendment)).toBe(won ? 'executed' : 'stale');
        expect(await versionsOf(agreement)).toBe(won ? 2 : 1);
        expect(await signaturesOf(amendment, 1)).toEqual(won ? ['evaluator', 'provider'] : ['evaluator']);
        expect(await rows('SELECT state FROM termination WHERE agreement_id = $1', agreement.id)).toEqual([
          { state: 'confirmed' },
        ]);
      }),
    );
    expect(Object.keys(tally.counts).length, JSON.stringify(tally.counts)).toBe(2);
  });

  it('two amendments of one version: one is executed, the other is stale', { timeout: 300_000 }, async () => {
    await race(async (lane) => {
      const agreement = await negotiation.executed({ limit: lane + 1 });
      let versions = 1;
      return async (round) => {
        const siblings = await Promise.all(
          [0, 1].map(async (place) => {
            const amendment = await negotiation.amendment(agreement.id, { limit: 10 + 2 * round + place });
            await negotiation.takeToCountersignature(amendment);
            return amendment;
          }),
        );
        const answers = await atOnce(
          round,
          () => negotiation.countersign(siblings[0]!),
          () => negotiation.countersign(siblings[1]!),
        );
        expect(outcome(...answers)).toBe('201, 409 move_not_allowed');
        versions += 1;
        expect(await versionsOf(agreement)).toBe(versions);
        for (const [place, sibling] of siblings.entries()) {
          expect(await amendmentState(sibling)).toBe(answers[place]!.status === 201 ? 'executed' : 'stale');
        }
        const winner = siblings[answers.findIndex(({ status }) => status === 201)]!;
        const newest = 'SELECT digest FROM agreement_version WHERE agreement_id = $1 AND number = $2';
        expect(await rows(newest, agreement.id, versions)).toEqual([{ digest: winner.digest }]);
      };
    });
  });
});

async function stateOf({ id }: UnderWay): Promise<unknown> {
  return (await rows('SELECT state FROM agreement WHERE id = $1', id))[0]?.state;
}

async function amendmentState({ id }: UnderWay): Promise<unknown> {
  return (await rows('SELECT state FROM amendment WHERE id = $1', id))[0]?.state;
}

async function versionsOf({ id }: UnderWay): Promise<number> {
  return (await rows('SELECT FROM agreement_version WHERE agreement_id = $1', id)).length;
}

function approvalsOf({ id }: UnderWay, round: number) {
  return rows('SELECT approver_id FROM agreement_approval WHERE text_id = $1 AND round = $2', id, round);
}

/** The parties whose signatures are of a round, in alphabetical order. */
async function signaturesOf({ id }: UnderWay, round: number): Promise<string[]> {
  const sql = 'SELECT party FROM agreement_signature WHERE text_id = $1 AND round = $2 ORDER BY party';
  return (await rows<{ party: string }>(sql, id, round)).map(({ party }) => party);
}

async function signed(limit: number): Promise<UnderWay> {
  const text = await negotiation.agreement({ limit: limit + 1 });
  await negotiation.takeToCountersignature(text);
  return text;
}

/** From a text that was opened again to one that both parties have accepted anew. */
async function takeBackToApproval(text: UnderWay, openedBy: Caller, limit: number): Promise<void> {
  if (openedBy === people.partnerships) return negotiation.acceptAnew(text, { limit: limit + 10 });
  const body = { ...negotiation.text({ limit: limit + 10 }), baseDigest: text.digest };
  text.digest = made(await openedBy.post<TextAnswer>(`${text.at}/counter-proposals`, body)).headDigest;
  made(await people.partnerships.post(`${text.at}/acceptance`, { digest: text.digest }));
}

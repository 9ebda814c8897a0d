import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { Person } from '../../src/demo/person.js';
import { day, hour } from '../../src/kernel/clock.js';
import { done, post } from '../setup/desk.js';
import { terminate } from '../setup/endings.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, holding, limitedTo, TextAtWork, TextView, withTerms } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);

const asOf = (text: TextAtWork, at: Date, by: Person = story.cast.compliance) =>
  text.read(by, `?asOf=${at.toISOString()}`);

const because = { scope: 'agreement', reasonCode: 'security', reason: 'A look is taken.' };

/** An instant at which something happened, and the agreement as it stands from then on. */
interface Moment {
  what: string;
  at: Date;
  stands: Pick<TextView, 'state' | 'status' | 'versionNumber' | 'headNumber'> & { stops: number };
}

const standing = ({ state, status, versionNumber, headNumber, suspensions }: TextView): Moment['stands'] => ({
  state,
  status,
  versionNumber,
  headNumber,
  stops: suspensions.length,
});

/** A long life, an hour between any two moves, and what stood after each: written down then, not computed. */
async function live(): Promise<{ text: TextAtWork; moments: Moment[] }> {
  const { cast } = story;
  const draft = (limit: number) => withTerms(base, limitedTo(limit));
  const [begin, end] = [fromNow(3 * day), fromNow(60 * day)];
  const base = draftFor(story, 60, holding({ from: begin, until: end }));
  const text = await TextAtWork.agreement(story, base);
  const moments: Moment[] = [];
  const then = async (what: string, move: () => Promise<unknown>) => {
    await move();
    moments.push({ what, at: stage.clock.now(), stands: standing((await text.read()).body) });
    stage.clock.advance(hour);
  };
  const stop = () => post<{ id: string }>(stage, cast.compliance, `${text.path}/suspensions`, because);
  const lift = async (id: string) => {
    done(await post(stage, cast.compliance, `/v1/suspensions/${id}/lift-proposal`));
    done(await post(stage, cast.partnerships, `/v1/suspensions/${id}/lifting`));
  };
  let stopped = '';
  const second = { kind: 'material', effectiveFrom: new Date(begin.getTime() + 2 * day) } as const;
  await then('drafted', async () => undefined);
  await then('revised', async () => done(await text.give(cast.partnerships, 'revisions', draft(11))));
  await then('proposed', async () => done(await text.give(cast.partnerships, 'proposal')));
  await then('countered', async () => done(await text.counter(cast.partnerAdmin, draft(12))));
  await then('accepted', async () => done(await text.accept(cast.partnerships)));
  await then('returned', async () => done(await text.give(cast.compliance, 'return', { reason: 'Clause 5.' })));
  await then('countered again', async () => done(await text.counter(cast.partnerships, draft(13))));
  await then('accepted again', async () => done(await text.accept(cast.partnerAdmin)));
  await then('released', async () => done(await text.approve()));
  await then('signed', async () => done(await text.sign()));
  await then('executed', async () => done(await text.countersign()));
  await then('begun', async () => stage.clock.moveTo(begin));
  await then('stopped', async () => (stopped = done(await stop()).id));
  await then('amended', async () => (await TextAtWork.amendment(story, text.id, draft(14), second)).executed());
  await then('resumed', () => lift(stopped));
  await then('second version begun', async () => stage.clock.moveTo(second.effectiveFrom));
  await then('swept', () => stage.app.get(Sweeper).sweep());
  await then('terminated', () => terminate(story, text.id));
  return { text, moments };
}

describe('an agreement as of an instant', () => {
  let text: TextAtWork;
  let moments: Moment[];

  beforeAll(async () => ({ text, moments } = await live()));

  it('has lived through what this is about', () => {
    expect(moments.map(({ stands }) => Object.values(stands).join(' '))).toEqual([
      'draft not_executed  1 0',
      'draft not_executed  2 0',
      'in_negotiation not_executed  2 0',
      'in_negotiation not_executed  3 0',
      'in_approval not_executed  3 0',
      'in_negotiation not_executed  3 0',
      'in_negotiation not_executed  4 0',
      'in_approval not_executed  4 0',
      'out_for_signature not_executed  4 0',
      'out_for_signature not_executed  4 0',
      'executed pending  4 0',
      'executed in_force 1 4 0',
      'executed suspended 1 4 1',
      'executed suspended 1 4 1',
      'executed in_force 1 4 0',
      'executed in_force 2 4 0',
      'executed in_force 2 4 0',
      'terminated terminated 2 4 0',
    ]);
  });

  it('stands as it stood: from the instant of each move, and until a millisecond before the next', async () => {
    for (const [index, { what, at, stands }] of moments.entries()) {
      const next = moments[index + 1]?.at;
      const until = next ? new Date(next.getTime() - 1) : stage.clock.now();
      for (const instant of [at, until]) {
        const { status, body } = await asOf(text, instant);
        expect([status, standing(body)], `${what}, ${instant.toISOString()}`).toEqual([200, stands]);
      }
    }
  });

  it('is by the digest that was at hand then', async () => {
    for (const { at, stands } of moments.slice(0, 9)) {
      const { digest } = (await text.read<{ digest: string }>(undefined, `/revisions/${stands.headNumber}`)).body;
      expect((await asOf(text, at)).body.headDigest).toBe(digest);
    }
  });

  it('had ended when it had, and not before', async () => {
    const last = moments.at(-1)!.at;
    expect((await asOf(text, new Date(last.getTime() - 1))).body.endedAt).toBeNull();
    expect((await asOf(text, last)).body.endedAt).toBe(last.toISOString());
  });

  it('takes no command: nothing is done to the past', async () => {
    for (const { at } of moments) expect((await asOf(text, at)).body).toMatchObject({ allowedActions: [], turn: null });
  });

  it('was not there before it was drafted', async () => {
    expect((await asOf(text, new Date(moments[0]!.at.getTime() - 1))).status).toBe(404);
  });

  it('was not there for the partner before it was proposed, and is from then on as for the lab', async () => {
    const proposed = moments.findIndex(({ what }) => what === 'proposed');
    const { partnerAdmin } = story.cast;
    for (const { at } of moments.slice(0, proposed)) expect((await asOf(text, at, partnerAdmin)).status).toBe(404);
    const instant = new Date(moments[proposed]!.at.getTime() - 1);
    expect((await asOf(text, instant, partnerAdmin)).status).toBe(404);
    for (const { at, stands } of moments.slice(proposed)) {
      expect(standing((await asOf(text, at, partnerAdmin)).body)).toEqual(stands);
    }
  });

  it('is never of the future, nor of what is no instant', async () => {
    const wrong = { status: 422, body: { code: 'invalid_request', pointer: '/asOf' } };
    expect((await asOf(text, fromNow(0))).status).toBe(200);
    expect(await asOf(text, fromNow(1))).toMatchObject(wrong);
    for (const what of ['yesterday', '2026-03-02', '2026-03-02T09:00:00+02:00', '']) {
      expect(await text.read(undefined, `?asOf=${encodeURIComponent(what)}`), what).toMatchObject(wrong);
    }
  });

  // The rows of stops are shown as they are now.
  it('shows a stop as it was: not lifted before it was lifted', async () => {
    const stopped = moments.find(({ what }) => what === 'stopped')!;
    expect((await asOf(text, stopped.at)).body.suspensions).toMatchObject([{ liftedAt: null }]);
  });

  // `signBy` is shown as it is now.
  it('shows by when it was to be signed while it was out for signature', async () => {
    const released = moments.find(({ what }) => what === 'released')!;
    expect((await asOf(text, released.at)).body.signBy).toBe(new Date(released.at.getTime() + 30 * day).toISOString());
  });

  it('of another partner was never there', async () => {
    const { cast } = await given.anotherRival(story);
    expect((await asOf(text, moments.at(-1)!.at, cast.partnerAdmin)).status).toBe(404);
  });
});

describe('a text that lapsed, and an agreement that was superseded,', () => {
  it('were what they were until then', async () => {
    const text = await (await TextAtWork.agreement(story, draftFor(story, 200))).released();
    stage.clock.advance(30 * day);
    await stage.app.get(Sweeper).sweep();
    expect((await asOf(text, fromNow(-1))).body.state).toBe('out_for_signature');
    expect((await asOf(text, fromNow(0))).body.state).toBe('lapsed');
  });

  it('stood between the signing of a successor that begins later and its beginning, and then no more', async () => {
    const predecessor = await (await TextAtWork.agreement(story, draftFor(story, 200))).executed();
    stage.clock.advance(hour);
    const [signed, begin] = [stage.clock.now(), fromNow(day)];
    const draft = draftFor(story, 200, holding({ from: begin }));
    await (await TextAtWork.agreement(story, draft, { supersedesId: predecessor.id })).executed();
    stage.clock.advance(2 * day);
    const seen = async (at: Date) => {
      const { state, status, endedAt } = (await asOf(predecessor, at)).body;
      return [state, status, endedAt];
    };
    expect(await seen(new Date(signed.getTime() - 1))).toEqual(['executed', 'in_force', null]);
    expect(await seen(signed)).toEqual(['superseded', 'in_force', begin.toISOString()]);
    expect(await seen(new Date(begin.getTime() - 1))).toEqual(['superseded', 'in_force', begin.toISOString()]);
    expect(await seen(begin)).toEqual(['superseded', 'superseded', begin.toISOString()]);
  });
});

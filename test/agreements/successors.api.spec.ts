import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { countStatuses } from '../setup/caller.js';
import { decide, done, eventsOf, post } from '../setup/desk.js';
import { terminate } from '../setup/endings.js';
import { given, Given } from '../setup/given.js';
import { keyUnder } from '../setup/key-under.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, holding, limitedTo, TextAtWork, withTerms } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;
let rival: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  rival = await given.anotherRival(story);
});

afterAll(() => stage.stop());

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);

const executed = async () => (await TextAtWork.agreement(story, draftFor(story, 200))).executed();

const successorOf = (predecessor: TextAtWork, from = fromNow(0)) =>
  TextAtWork.agreement(story, draftFor(story, 300, holding({ from })), { supersedesId: predecessor.id });

const tryToSucceed = (supersedesId: string, organisationId = story.organisationId) =>
  post(stage, story.cast.partnerships, '/v1/agreements', {
    ...draftFor(story, 300),
    organisationId,
    supersedesId,
    title: 'A successor',
  });

const taken = { status: 409, body: { code: 'already_exists', pointer: '/supersedesId' } };
const nothing = { status: 422, body: { code: 'invalid_request', pointer: '/supersedesId' } };

describe('a successor', () => {
  it('takes the place of its predecessor when it is executed, at that instant and not before', async () => {
    const predecessor = await executed();
    const key = await keyUnder(story, predecessor.id, fromNow(20 * day));
    const successor = await (await successorOf(predecessor)).released();
    stage.clock.advance(day);
    done(await successor.sign());
    expect((await predecessor.read()).body).toMatchObject({ state: 'executed', status: 'in_force' });
    expect((await decide(story, key)).decision).toBe('allow');
    done(await successor.countersign());
    const endedAt = stage.clock.now().toISOString();
    expect((await predecessor.read()).body).toMatchObject({ state: 'superseded', status: 'superseded', endedAt });
    expect((await successor.read()).body).toMatchObject({ status: 'in_force', effectiveFrom: endedAt });
    expect((await decide(story, key)).code).toBe('agreement_not_in_force');
    expect((await eventsOf(stage, predecessor.id)).at(-1)).toBe('agreement.superseded');
  });

  it('that begins later ends its predecessor only then, so that one of them holds at every instant', async () => {
    const predecessor = await executed();
    const key = await keyUnder(story, predecessor.id, fromNow(20 * day));
    const begin = fromNow(5 * day);
    const successor = await (await successorOf(predecessor, begin)).executed();
    const statuses = async () => [(await predecessor.read()).body.status, (await successor.read()).body.status];
    expect((await predecessor.read()).body).toMatchObject({ state: 'superseded', endedAt: begin.toISOString() });
    expect(await statuses()).toEqual(['in_force', 'pending']);
    stage.clock.moveTo(new Date(begin.getTime() - 1));
    expect([await statuses(), (await decide(story, key)).decision]).toEqual([['in_force', 'pending'], 'allow']);
    stage.clock.moveTo(begin);
    expect([await statuses(), (await decide(story, key)).decision]).toEqual([['superseded', 'in_force'], 'deny']);
    const versions = await predecessor.read<{ data: { effectiveUntil: string }[] }>(undefined, '/versions');
    expect(versions.body.data[0]!.effectiveUntil).toBe(begin.toISOString());
  });

  // `suspend` asks for the state `executed`, though this one is `superseded` and in force until its successor begins.
  it('that begins later leaves its predecessor to be stopped until then', async () => {
    const predecessor = await executed();
    await (await successorOf(predecessor, fromNow(5 * day))).executed();
    expect((await predecessor.read()).body.status).toBe('in_force');
    const because = { scope: 'agreement', reasonCode: 'security', reason: 'A look is taken.' };
    expect((await post(stage, story.cast.compliance, `${predecessor.path}/suspensions`, because)).status).toBe(201);
  });

  it('makes the open amendments of its predecessor stale', async () => {
    const base = draftFor(story, 200);
    const predecessor = await (await TextAtWork.agreement(story, base)).executed();
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    const amendment = await TextAtWork.amendment(story, predecessor.id, withTerms(base, limitedTo(1)), change);
    await amendment.released();
    await (await successorOf(predecessor)).executed();
    expect(await amendment.state()).toBe('stale');
  });

  it('is one: another is refused while it may still be executed or was, and welcome once it came to nothing', async () => {
    const { partnerships, partnerAdmin } = story.cast;
    const predecessor = await executed();
    const first = await successorOf(predecessor);
    expect(await tryToSucceed(predecessor.id)).toMatchObject(taken);
    done(await first.give(partnerships, 'withdrawal', { reason: 'Not so.' }));
    const second = await successorOf(predecessor);
    done(await second.give(partnerships, 'proposal'));
    expect(await tryToSucceed(predecessor.id)).toMatchObject(taken);
    done(await second.give(partnerAdmin, 'decline', { reason: 'Nor so.' }));
    const third = await (await successorOf(predecessor)).executed();
    expect(await tryToSucceed(predecessor.id)).toMatchObject(nothing);
    expect((await tryToSucceed(third.id)).status).toBe(201);
  });

  it('is one, when two are drafted at once', async () => {
    const predecessor = await executed();
    const answers = await Promise.all([1, 2, 3].map(() => tryToSucceed(predecessor.id)));
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 2 });
  });

  it('succeeds an agreement of the same partner that is or was in force, and none else', async () => {
    const draft = await TextAtWork.agreement(story, draftFor(story, 200));
    const predecessor = await executed();
    const wrong: Record<string, [string, string?]> = {
      'of another partner': [predecessor.id, rival.organisationId],
      'of the other partner': [rival.agreementId],
      'a draft': [draft.id],
      unknown: ['0192f3a4-5b6c-7d8e-9f01-23456789abcd'],
    };
    for (const [what, [id, organisation]] of Object.entries(wrong)) {
      expect(await tryToSucceed(id, organisation), what).toMatchObject(nothing);
    }
    await draft.give(story.cast.partnerships, 'withdrawal', { reason: 'Not so.' });
    expect(await tryToSucceed(draft.id)).toMatchObject(nothing);
    expect((await predecessor.read()).body.status).toBe('in_force');
  });

  it('of one that was terminated, before or meanwhile, leaves that end as it was', async () => {
    const [before, meanwhile] = [await executed(), await executed()];
    const late = await (await successorOf(meanwhile)).released();
    await terminate(story, before.id);
    await terminate(story, meanwhile.id);
    const endedAt = stage.clock.now().toISOString();
    stage.clock.advance(day);
    const after = await (await successorOf(before)).executed();
    await late.signedByBoth();
    for (const predecessor of [before, meanwhile]) {
      expect((await predecessor.read()).body).toMatchObject({ state: 'terminated', status: 'terminated', endedAt });
    }
    for (const successor of [after, late]) expect((await successor.read()).body.status).toBe('in_force');
  });
});

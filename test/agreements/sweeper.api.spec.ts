import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sweeper } from '../../src/agreements/sweep/sweeper.js';
import { day, hour } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { done, post } from '../setup/desk.js';
import { terminate } from '../setup/endings.js';
import { given, Given } from '../setup/given.js';
import { breachBy, cure, serve, tellOf } from '../setup/notices.js';
import { openSecondSweeper, SecondSweeper } from '../setup/second-sweeper.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, holding, limitedTo, TextAtWork, withTerms } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;
let other: SecondSweeper;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  other = await openSecondSweeper(stage);
});

afterAll(async () => {
  await other.stop();
  await stage.stop();
});

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);
const sweep = () => stage.app.get(Sweeper).sweep();

const executed = async (days: number, change?: (terms: Terms) => Terms) => {
  const base = draftFor(story, days, change);
  return { base, agreement: await (await TextAtWork.agreement(story, base)).executed() };
};

async function stopped({ path }: TextAtWork): Promise<{ id: string }> {
  const because = { scope: 'agreement', reasonCode: 'security', reason: 'A look is taken.' };
  return done(await post<{ id: string }>(stage, story.cast.compliance, `${path}/suspensions`, because));
}

/** What the log says that time brought about for a thing, each with its boundary, in the order in which it was told. */
async function toldOf({ id }: { id: string }): Promise<string[]> {
  const rows = await stage.sql<{ action: string; boundary: string }>(
    `SELECT action, detail->>'boundary' AS boundary FROM audit_entry JOIN audit_detail ON entry_id = id
     WHERE subject_id = $1 AND actor_kind = 'system' AND detail ? 'boundary' ORDER BY id`,
    [id],
  );
  return rows.map(({ action, boundary }) => `${action} ${boundary}`);
}

/** Nothing may be told of a thing a millisecond before an instant, and exactly this at it, however often one looks. */
async function expectTold(thing: { id: string }, event: string, at: Date): Promise<void> {
  const before = await toldOf(thing);
  stage.clock.moveTo(new Date(at.getTime() - 1));
  await sweep();
  expect(await toldOf(thing)).toEqual(before);
  stage.clock.moveTo(at);
  for (let times = 0; times < 3; times += 1) await sweep();
  expect(await toldOf(thing)).toEqual([...before, `${event} ${at.toISOString()}`]);
  stage.clock.advance(hour);
  await sweep();
  expect(await toldOf(thing)).toHaveLength(before.length + 1);
}

describe('what time brings about is told once, at its instant:', () => {
  it('that an agreement entered into force, at the instant that was agreed or at its execution', async () => {
    const begin = fromNow(3 * day);
    const { agreement } = await executed(60, holding({ from: begin }));
    await expectTold(agreement, 'agreement.entered_into_force', begin);
    const { agreement: late, base } = await executed(60);
    await sweep();
    expect(await toldOf(late)).toEqual([`agreement.entered_into_force ${base.terms.term.effectiveFrom}`]);
  });

  it('that an amendment took effect', async () => {
    const { base, agreement } = await executed(60);
    await sweep();
    const change = { kind: 'material', effectiveFrom: fromNow(2 * day) } as const;
    await (await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(1)), change)).executed();
    await expectTold(agreement, 'amendment.took_effect', change.effectiveFrom);
  });

  it('that an agreement nears its end, ninety, thirty and seven days before, and that it has expired', async () => {
    const { base, agreement } = await executed(100);
    const end = Date.parse(base.terms.term.expiresAt);
    await sweep();
    for (const days of [90, 30, 7]) {
      await expectTold(agreement, 'agreement.expiry_near', new Date(end - days * day));
    }
    await expectTold(agreement, 'agreement.expired', new Date(end));
    expect((await agreement.read()).body).toMatchObject({ state: 'executed', status: 'expired' });
  });

  it('of an agreement too short for them, no reminders of days before it began', async () => {
    const { base, agreement } = await executed(20);
    await sweep();
    await expectTold(agreement, 'agreement.expiry_near', new Date(Date.parse(base.terms.term.expiresAt) - 7 * day));
    await expectTold(agreement, 'agreement.expired', new Date(base.terms.term.expiresAt));
  });

  it('that a text lapsed that nobody signed: an agreement, or an amendment', async () => {
    const text = await (await TextAtWork.agreement(story, draftFor(story, 90))).released();
    await expectTold(text, 'agreement.lapsed', fromNow(30 * day));
    const { base, agreement } = await executed(90);
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    const amendment = await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(1)), change);
    await amendment.released();
    await expectTold(amendment, 'amendment.lapsed', fromNow(30 * day));
    expect([await text.state(), await amendment.state()]).toEqual(['lapsed', 'lapsed']);
  });

  it('that a notice was deemed received, and that the cure of a breach lapsed', async () => {
    const { agreement } = await executed(200);
    const notice = await breachBy(story, agreement.id);
    await expectTold(notice, 'notice.deemed_received', new Date(notice.receivedAt));
    await expectTold(notice, 'notice.cure_lapsed', new Date(notice.cureBy!));
  });

  it('that a stop is undecided for longer than the terms allow', async () => {
    const { agreement } = await executed(200);
    const stop = await stopped(agreement);
    await expectTold(stop, 'suspension.undecided', fromNow(14 * day));
  });
});

describe('what does not come about is not told:', () => {
  it('receipt by time of a notice that was acknowledged, a lapsed cure of a breach that was cured', async () => {
    const { agreement } = await executed(200);
    const [acknowledged, cured] = [await breachBy(story, agreement.id), await breachBy(story, agreement.id)];
    const termination = done(await serve(story, agreement.id, story.cast.compliance, { kind: 'termination' }));
    for (const notice of [acknowledged, termination]) {
      done(await tellOf(story, notice, story.cast.partnerAdmin, 'acknowledgement'));
    }
    await cure(story, cured);
    stage.clock.advance(60 * day);
    await sweep();
    expect(await toldOf(cured)).toEqual([]);
    expect(await toldOf(termination)).toEqual([]);
    expect((await toldOf(acknowledged)).map((told) => told.split(' ')[0])).toEqual(['notice.cure_lapsed']);
  });

  it('that a stop is undecided, of one that was lifted in time', async () => {
    const { agreement } = await executed(200);
    const { id } = await stopped(agreement);
    stage.clock.advance(13 * day);
    done(await post(stage, story.cast.compliance, `/v1/suspensions/${id}/lift-proposal`));
    done(await post(stage, story.cast.approver, `/v1/suspensions/${id}/lifting`));
    stage.clock.advance(13 * day);
    await sweep();
    expect(await toldOf({ id })).toEqual([]);
  });

  it('an expiry, or that it is near, of an agreement that was terminated or superseded before', async () => {
    const { agreement: terminated } = await executed(60);
    const { agreement: superseded } = await executed(60);
    stage.clock.advance(day);
    await terminate(story, terminated.id);
    await (await TextAtWork.agreement(story, draftFor(story, 300), { supersedesId: superseded.id })).executed();
    stage.clock.advance(100 * day);
    await sweep();
    for (const ended of [terminated, superseded]) {
      expect((await toldOf(ended)).map((told) => told.split(' ')[0])).toEqual(['agreement.entered_into_force']);
    }
  });

  it('the expiry of an end that was amended before it came, but that of the new one, with its reminders', async () => {
    const { base, agreement } = await executed(40);
    await sweep();
    const begun = await toldOf(agreement);
    const end = fromNow(60 * day);
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    await (
      await TextAtWork.amendment(story, agreement.id, withTerms(base, holding({ until: end })), change)
    ).executed();
    stage.clock.moveTo(new Date(end.getTime() - 1));
    await sweep();
    expect((await toldOf(agreement)).slice(begun.length)).toEqual([
      `amendment.took_effect ${change.effectiveFrom.toISOString()}`,
      `agreement.expiry_near ${new Date(end.getTime() - 30 * day).toISOString()}`,
      `agreement.expiry_near ${new Date(end.getTime() - 7 * day).toISOString()}`,
    ]);
    await expectTold(agreement, 'agreement.expired', end);
  });

  it('anything after an end that was amended to come sooner', async () => {
    const { base, agreement } = await executed(200);
    const end = fromNow(10 * day);
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    await (
      await TextAtWork.amendment(story, agreement.id, withTerms(base, holding({ until: end })), change)
    ).executed();
    stage.clock.advance(250 * day);
    await sweep();
    const told = await toldOf(agreement);
    expect(told.filter((line) => line.startsWith('agreement.expired'))).toEqual([
      `agreement.expired ${end.toISOString()}`,
    ]);
    expect(told.at(-1)).toBe(`agreement.expired ${end.toISOString()}`);
  });
});

describe('however the clock is looked at', () => {
  /** Everything that time may bring about, all of it within a year; the things that it is told of. */
  async function furnished() {
    const { agreement, base } = await executed(100);
    const change = { kind: 'material', effectiveFrom: fromNow(2 * day) } as const;
    await (await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(1)), change)).executed();
    const text = await (await TextAtWork.agreement(story, draftFor(story, 90))).released();
    const notice = await breachBy(story, agreement.id);
    const stop = await stopped(agreement);
    return { agreement, text, notice, stop };
  }
  const counts = { agreement: 6, text: 1, notice: 2, stop: 1 };

  it('by two processes at once, many times over, each boundary is told by one of them, once', async () => {
    await sweep();
    const things = await furnished();
    stage.clock.advance(365 * day);
    const told = await Promise.all([sweep(), other.sweep(), sweep(), other.sweep(), sweep(), other.sweep()]);
    for (const [name, count] of Object.entries(counts)) {
      const events = await toldOf(things[name as keyof typeof counts]);
      expect([name, events.length, new Set(events).size]).toEqual([name, count, count]);
    }
    const rows = await stage.sql('SELECT 1 FROM boundary_event WHERE told_at = $1', [stage.clock.now()]);
    expect(told.reduce((sum, one) => sum + one)).toBe(rows.length);
    expect(await sweep()).toBe(0);
  });

  it('after a long stop, all that was missed is told, in the order in which it came about', async () => {
    await sweep();
    const { agreement } = await furnished();
    stage.clock.advance(365 * day);
    await sweep();
    const instants = (await toldOf(agreement)).map((told) => told.split(' ')[1]!);
    expect(instants).toHaveLength(counts.agreement);
    expect(instants).toEqual(instants.toSorted());
  });

  // A reader that sees the notice only as it is now forgets what was reached before somebody acted.
  it('a boundary is told that was reached before somebody acted, though nobody had looked until then', async () => {
    const { agreement } = await executed(200);
    const notice = await breachBy(story, agreement.id);
    stage.clock.advance(3 * day);
    done(await tellOf(story, notice, story.cast.partnerAdmin, 'acknowledgement'));
    await sweep();
    expect(await toldOf(notice)).toEqual([`notice.deemed_received ${notice.receivedAt}`]);
  });
});

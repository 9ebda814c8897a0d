import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { countStatuses } from '../setup/caller.js';
import { done, eventsOf, get } from '../setup/desk.js';
import { terminate } from '../setup/endings.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';
import { draftFor, holding, limitedTo, TextAtWork, withTerms } from '../setup/text-at-work.js';

let stage: Stage;
let story: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
});

afterAll(() => stage.stop());

const fromNow = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);

async function executed() {
  const base = draftFor(story, 200);
  const agreement = await (await TextAtWork.agreement(story, base)).executed();
  /** Another amendment of the first version, told from others by the limit that it sets. */
  const amendment = (limit: number) =>
    TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(limit)), {
      kind: 'material',
      effectiveFrom: fromNow(day),
    });
  return { base, agreement, amendment };
}

const notAllowed = { status: 409, body: { code: 'move_not_allowed' } };

describe('amendments of the same version', () => {
  it('become stale, wherever they stand, when one of them is executed, and take nothing more', async () => {
    const { amendment } = await executed();
    const others = [await amendment(1), await amendment(2), await amendment(3), await amendment(4)] as const;
    done(await others[1].give(story.cast.partnerships, 'proposal'));
    await others[2].accepted();
    await others[3].released();
    done(await others[3].sign());
    const declined = await amendment(5);
    done(await declined.give(story.cast.partnerships, 'proposal'));
    done(await declined.give(story.cast.partnerAdmin, 'decline', { reason: 'No.' }));
    await (await amendment(6)).executed();
    for (const other of others) expect(await other.state()).toBe('stale');
    expect(await declined.state()).toBe('declined');
    const answers = [
      await others[0].give(story.cast.partnerships, 'proposal'),
      await others[1].accept(story.cast.partnerAdmin),
      await others[2].approve(),
      await others[3].countersign(),
      await others[3].give(story.cast.partnerships, 'reopening', { reason: 'Again.' }),
    ];
    expect(countStatuses(answers)).toEqual({ 409: 5 });
    expect((await others[3].read()).body).toMatchObject({ turn: null, signBy: null, allowedActions: [] });
  });

  it('of which two are signed at once make one version; the other is stale', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { agreement, amendment } = await executed();
      const two = [await (await amendment(1)).released(), await (await amendment(2)).released()];
      for (const one of two) done(await one.sign());
      const answers = await Promise.all(two.map((one) => one.countersign()));
      expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
      const states = await Promise.all(two.map((one) => one.state()));
      expect(states.toSorted()).toEqual(['executed', 'stale']);
      const versions = await stage.sql('SELECT number FROM agreement_version WHERE agreement_id = $1', [agreement.id]);
      expect(versions).toHaveLength(2);
    }
  });

  it('that the partner never saw leave it no trace when they become stale', async () => {
    const { amendment } = await executed();
    const hidden = await amendment(1);
    await (await amendment(2)).executed();
    expect(await eventsOf(stage, hidden.id)).toEqual(['amendment.drafted', 'amendment.became_stale']);
    expect((await hidden.read(story.cast.partnerAdmin)).status).toBe(404);
    const log = await get<{ data: object[] }>(stage, story.cast.partnerAdmin, `/v1/audit-entries?subject=${hidden.id}`);
    expect(log.body.data).toEqual([]);
  });

  it('do not touch amendments of another agreement, nor those that are drafted afterwards', async () => {
    const { agreement, base, amendment } = await executed();
    const elsewhere = await (await executed()).amendment(1);
    await (await amendment(2)).executed();
    expect(await elsewhere.state()).toBe('draft');
    const change = { kind: 'material', effectiveFrom: fromNow(2 * day) } as const;
    const next = await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(3)), change);
    expect((await next.read()).body).toMatchObject({ state: 'draft', baseNumber: 2 });
  });
});

describe('an agreement that is not in force any more, or not yet agreed', () => {
  it('is not amended before it is executed', async () => {
    const base = draftFor(story, 200);
    const text = await TextAtWork.agreement(story, base);
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    expect(await TextAtWork.amend(story, text.id, withTerms(base, limitedTo(1)), change)).toMatchObject(notAllowed);
  });

  it('is not amended once it was terminated, and what was open then is stale', async () => {
    const { agreement, base, amendment } = await executed();
    const open = await (await amendment(1)).released();
    await terminate(story, agreement.id);
    expect(await open.state()).toBe('stale');
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    expect(await TextAtWork.amend(story, agreement.id, withTerms(base, limitedTo(2)), change)).toMatchObject(
      notAllowed,
    );
  });

  it('is not amended once it has expired: neither by a new amendment nor by one that was open', async () => {
    const base = draftFor(story, 10);
    const agreement = await (await TextAtWork.agreement(story, base)).executed();
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    const longer = withTerms(base, holding({ until: fromNow(100 * day) }));
    const open = await (await TextAtWork.amendment(story, agreement.id, longer, change)).released();
    const other = await TextAtWork.amendment(story, agreement.id, withTerms(base, limitedTo(1)), change);
    stage.clock.moveTo(new Date(base.terms.term.expiresAt));
    done(await open.sign());
    expect(await open.countersign()).toMatchObject(notAllowed);
    expect(await TextAtWork.amend(story, agreement.id, longer, { ...change, effectiveFrom: fromNow(0) })).toMatchObject(
      notAllowed,
    );
    expect((await agreement.read()).body).toMatchObject({ state: 'executed', status: 'expired', versionNumber: 1 });
    expect(await other.state()).toBe('draft');
  });

  it('is amended to the last millisecond of its term', async () => {
    const base = draftFor(story, 10);
    const agreement = await (await TextAtWork.agreement(story, base)).executed();
    const longer = withTerms(base, holding({ until: fromNow(100 * day) }));
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    const amendment = await (await TextAtWork.amendment(story, agreement.id, longer, change)).released();
    stage.clock.moveTo(new Date(Date.parse(base.terms.term.expiresAt) - 1));
    await amendment.signedByBoth();
    stage.clock.advance(1);
    expect((await agreement.read()).body).toMatchObject({ status: 'in_force', versionNumber: 2 });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../src/agreements/signing/verify-evidence.js';
import { addresses, models } from '../../src/demo/agreement.js';
import { ClaimedKey } from '../../src/demo/contract.js';
import { day, hour, minute } from '../../src/kernel/clock.js';
import { Terms } from '../../src/terms/terms.js';
import { decide, done, get } from '../setup/desk.js';
import { ask, given, Given, usageEvent } from '../setup/given.js';
import { keyUnder } from '../setup/key-under.js';
import { openStage, Stage } from '../setup/stage.js';
import { Draft, draftFor, holding, limitedTo, reworded, TextAtWork, withTerms } from '../setup/text-at-work.js';

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

interface Version {
  number: number;
  kind: string;
  textId: string;
  digest: string;
  effectiveFrom: string;
  effectiveUntil: string;
  prose: { clauseId: string; text: string }[] | null;
}

async function executed(change = (terms: Terms): Terms => terms) {
  const base = draftFor(story, 25, change);
  return { base, agreement: await (await TextAtWork.agreement(story, base)).executed() };
}

/** An amendment that both have signed. */
async function amended(agreement: TextAtWork, draft: Draft, effectiveFrom: Date): Promise<TextAtWork> {
  const change = { kind: 'material', effectiveFrom } as const;
  return (await TextAtWork.amendment(story, agreement.id, draft, change)).executed();
}

const versionsOf = async (agreement: TextAtWork) =>
  done(await agreement.read<{ data: Version[] }>(story.cast.partnerAdmin, '/versions')).data;

describe('the versions of an agreement', () => {
  it('tile its term: each holds until the next one does, the last until the end that it names', async () => {
    const { base, agreement } = await executed();
    const [begin, second, third] = [fromNow(0), fromNow(2 * day), fromNow(5 * day)];
    const two = await amended(agreement, withTerms(base, limitedTo(20)), second);
    const end = fromNow(24 * day);
    const three = await amended(agreement, withTerms(base, holding({ until: end })), third);
    const read = await versionsOf(agreement);
    expect(read.map(({ number, kind, textId }) => [number, kind, textId])).toEqual([
      [3, 'material', three.id],
      [2, 'material', two.id],
      [1, 'original', agreement.id],
    ]);
    const bounds = [begin, second, third, end].map((instant) => instant.toISOString());
    expect(read.toReversed().map((one) => [one.effectiveFrom, one.effectiveUntil])).toEqual([
      [bounds[0], bounds[1]],
      [bounds[1], bounds[2]],
      [bounds[2], bounds[3]],
    ]);
    const held = async () => (await agreement.read()).body.versionNumber;
    for (const [at, number] of [
      [second, 2],
      [third, 3],
    ] as const) {
      stage.clock.moveTo(new Date(at.getTime() - 1));
      expect(await held()).toBe(number - 1);
      stage.clock.moveTo(at);
      expect(await held()).toBe(number);
    }
  });

  it('hold from their execution where that came later than the day that was agreed', async () => {
    const base = draftFor(story, 25);
    const text = await (await TextAtWork.agreement(story, base)).released();
    stage.clock.advance(day);
    const begin = fromNow(0).toISOString();
    await text.signedByBoth();
    expect((await text.read()).body.effectiveFrom).toBe(begin);
    const change = { kind: 'material', effectiveFrom: fromNow(day) } as const;
    const late = await (await TextAtWork.amendment(story, text.id, withTerms(base, limitedTo(20)), change)).released();
    stage.clock.advance(3 * day);
    await late.signedByBoth();
    const from = stage.clock.now().toISOString();
    const [two, one] = await versionsOf(text);
    expect([one!.effectiveFrom, one!.effectiveUntil, two!.effectiveFrom]).toEqual([begin, from, from]);
    const bytes = await late.evidence();
    expect(JSON.parse(bytes.toString())).toMatchObject({ version: { number: 2, effectiveFrom: from } });
    expect(verifyEvidence(bytes).findings.filter(({ holds }) => !holds)).toEqual([]);
  });

  it('are each read with their words, as evidence, as ODRL and in plain language, by who may', async () => {
    const { base, agreement } = await executed();
    await amended(agreement, reworded(base, '5', 'Fewer words.'), fromNow(day));
    const { partnerSignatory } = story.cast;
    const wordsOf = async (number: number) =>
      (await agreement.read<Version>(partnerSignatory, `/versions/${number}`)).body.prose!.find(
        ({ clauseId }) => clauseId === '5',
      )!.text;
    expect([await wordsOf(1), await wordsOf(2)]).toEqual([base.prose[4]!.text, 'Fewer words.']);
    const types = {
      evidence: 'application/json',
      odrl: 'application/ld+json',
      summary: 'text/markdown; charset=utf-8',
    };
    for (const [noun, type] of Object.entries(types)) {
      const answer = await agreement.read(partnerSignatory, `/versions/2/${noun}`);
      expect([answer.status, answer.headers.get('content-type')?.replace(/(json); charset=utf-8$/, '$1')]).toEqual([
        200,
        type,
      ]);
      expect((await agreement.read(partnerSignatory, `/versions/3/${noun}`)).status, noun).toBe(404);
      expect((await agreement.read(rival.cast.partnerSignatory, `/versions/2/${noun}`)).status, noun).toBe(404);
    }
    for (const rest of ['/versions/3', '/versions/0', '/versions/99999999999']) {
      expect((await agreement.read(partnerSignatory, rest)).status, rest).toBe(404);
    }
    expect((await agreement.read(rival.cast.partnerAdmin, '/versions')).status).toBe(404);
  });

  it('are none before execution', async () => {
    const text = await (await TextAtWork.agreement(story, draftFor(story, 25))).released();
    expect(await versionsOf(text)).toEqual([]);
    for (const rest of ['/evidence', '/versions/1', '/versions/1/odrl']) {
      expect((await text.read(undefined, rest)).status).toBe(404);
    }
  });
});

const oneModel = (terms: Terms): Terms => ({
  ...terms,
  scope: { ...terms.scope, models: terms.scope.models.filter(({ snapshot }) => snapshot === models.code) },
});

describe('what a gateway is told', () => {
  it('is by the version that holds at that instant, to the millisecond', async () => {
    const { base, agreement } = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(25 * day));
    const boundary = fromNow(day);
    await amended(agreement, withTerms(base, oneModel), boundary);
    const asked = () => decide(story, key, { model: models.conversation });
    stage.clock.moveTo(new Date(boundary.getTime() - 1));
    expect(await asked()).toMatchObject({ decision: 'allow', agreement_version: 1 });
    stage.clock.moveTo(boundary);
    expect(await asked()).toMatchObject({ decision: 'deny', code: 'model_not_in_scope', agreement_version: 2 });
    expect(await decide(story, key)).toMatchObject({ decision: 'allow', agreement_version: 2 });
  });

  it('of a limit goes on from what was used, when the version changes within its day', async () => {
    const { base, agreement } = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(25 * day));
    const remaining = async () =>
      (await decide(story, key)).limits.find(({ quota }) => quota === 'code-requests-daily')?.remaining;
    expect([await remaining(), await remaining(), await remaining()]).toEqual([9, 8, 7]);
    await amended(agreement, reworded(base, '5', 'Other words.'), fromNow(minute));
    stage.clock.advance(minute);
    expect(await remaining()).toBe(6);
  });

  // A window keeps the limit under which it was opened.
  it.each([
    ['raised', 20, 16, 'allow'],
    ['lowered', 5, 1, 'allow'],
    ['lowered below what was used', 2, 0, 'deny'],
  ] as const)('of a limit that was %s is what the version in force leaves', async (_, limit, left, decision) => {
    const { base, agreement } = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(25 * day));
    for (let used = 0; used < 3; used += 1) expect((await decide(story, key)).decision).toBe('allow');
    await amended(agreement, withTerms(base, limitedTo(limit)), fromNow(minute));
    stage.clock.advance(minute);
    const decided = await decide(story, key);
    const { remaining } = decided.limits.find(({ quota }) => quota === 'code-requests-daily')!;
    expect([decided.decision, remaining]).toEqual([decision, left]);
  });
});

describe('usage', () => {
  let count = 0;
  const report = async (key: ClaimedKey, at: Date, data: object = {}) => {
    const id = `use ${(count += 1)}`;
    const token = story.gatewayCredential;
    const answer = await ask<{ recorded: number }>(`${stage.apiUrl}/v1/usage-events`, {
      token,
      body: [usageEvent(id, key, at, data)],
    });
    expect(answer.body.recorded).toBe(1);
    const sql = 'SELECT agreement_version AS version FROM usage_event WHERE event_id = $1';
    return (await stage.sql<{ version: number | null }>(sql, [id]))[0]!.version;
  };

  it('is of the version of its own time, however late it is reported', async () => {
    const { base, agreement } = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(25 * day));
    const boundary = fromNow(day);
    await amended(agreement, withTerms(base, limitedTo(20)), boundary);
    stage.clock.advance(4 * day);
    const before = new Date(boundary.getTime() - 1);
    expect([await report(key, before), await report(key, boundary), await report(key, fromNow(0))]).toEqual([1, 2, 2]);
  });

  it('is outside the term before the first version begins and from its end on', async () => {
    const base = draftFor(story, 25);
    const text = await (await TextAtWork.agreement(story, base)).released();
    stage.clock.advance(day);
    await text.signedByBoth();
    const key = await keyUnder(story, text.id, new Date(base.terms.term.expiresAt));
    expect([await report(key, fromNow(-1)), await report(key, fromNow(0))]).toEqual([null, 1]);
    stage.clock.moveTo(new Date(base.terms.term.expiresAt));
    expect([await report(key, fromNow(-1)), await report(key, fromNow(0))]).toEqual([1, null]);
  });

  it('is a finding by the terms of its own time only: what was permitted then stays permitted', async () => {
    const { base, agreement } = await executed();
    const key = await keyUnder(story, agreement.id, fromNow(25 * day));
    const date = fromNow(day).toISOString().slice(0, 10);
    const boundary = new Date(`${date}T12:00:00Z`);
    const moved = withTerms(base, (terms) => ({
      ...terms,
      networks: { ...terms.networks, cidrs: ['203.0.113.0/24'] },
    }));
    await amended(agreement, moved, boundary);
    stage.clock.moveTo(new Date(boundary.getTime() + 2 * day));
    const office = { client_ip: addresses.office };
    await report(key, new Date(boundary.getTime() - hour), office);
    await report(key, new Date(boundary.getTime() + hour), office);
    await story.cast.compliance.post(`/v1/agreements/${agreement.id}/statements`, { kind: 'day', date });
    const path = `/v1/findings?agreementId=${agreement.id}`;
    const { data } = (await get<{ data: { rule: string; occurrences: number }[] }>(stage, story.cast.compliance, path))
      .body;
    const network = data.filter(({ rule }) => rule.includes('network'));
    expect(network.map(({ occurrences }) => occurrences)).toEqual([1]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sweeper } from '../../../src/agreements/sweep/sweeper.js';
import { models } from '../../../src/demo/agreement.js';
import { UnaccountedLeases } from '../../../src/findings/unaccounted/unaccounted-leases.service.js';
import { AuthorizationTokens } from '../../../src/gateway/authorization-token.js';
import { day } from '../../../src/kernel/clock.js';
import { newId } from '../../../src/kernel/ids.js';
import { KeyUsageAnswer } from '../../../src/usage/key-usage.dto.js';
import { decide, done, eventsOf, get, post } from '../../setup/desk.js';
import { ask, given, Given, usageEvent } from '../../setup/given.js';
import { leaseIn, lend, lostNode, spend, windowOf } from '../../setup/leases.js';
import { openStage, Stage } from '../../setup/stage.js';

const quota = 'code-requests-daily';

let stage: Stage;
let story: Given;
let windowId: string;
let nodeId: string;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage, 1_000);
});

afterAll(() => stage.stop());

const look = () => stage.app.get(UnaccountedLeases).look();

interface Shown {
  id: string;
  state: string;
  left: number;
}

interface Found {
  id: string;
  rule: string;
  subjectId: string;
  delta: number;
  expected: string;
  observed: string;
  clauseRef: string;
  severity: string;
}

async function findingOf(leaseId: string, person = story.cast.compliance): Promise<Found | undefined> {
  const { data } = done(await get<{ data: Found[] }>(stage, person, '/v1/findings?rule=usage_unaccounted'));
  return data.find(({ subjectId }) => subjectId === leaseId);
}

/** The next day begins with one admission, and a node that holds a lease of its window. */
async function nextDay(): Promise<void> {
  stage.clock.advance(day);
  await decide(story, story.keys[0]!);
  windowId = await windowOf(story, quota);
  nodeId = await lostNode(stage);
}

async function quarantined(granted: number, spent = 0): Promise<string> {
  await nextDay();
  const id = await lend(stage, nodeId, { windowId, granted, spent, forSeconds: -6 });
  await look();
  return id;
}

/** Reports the use of a decision that a node made from a lease, and that stands in its token alone. */
async function reportWithToken(leaseId: string): Promise<void> {
  const { gatewayCredential: token, keys, agreementId } = story;
  const at = stage.clock.now();
  const [of] = await stage.sql<{ gatewayId: string; keyId: string }>(
    'SELECT g.id AS "gatewayId", k.id AS "keyId" FROM gateway_credential g, api_key k WHERE k.public_id = $1',
    [keys[0]!.publicId],
  );
  const authorization = stage.app.get(AuthorizationTokens).sign({
    ...of!,
    id: newId(at),
    at,
    countedAt: at,
    agreementId,
    agreementVersion: 1,
    model: models.code,
    endpoint: 'messages',
    address: null,
    run: null,
    code: 'allowed',
    reasons: null,
    inputTokens: 100,
    outputTokens: 50,
    windows: [{ id: windowId, leaseId, reserved: 1 }],
    holdsPlace: false,
    repeated: 1,
  });
  const body = [usageEvent(`of ${authorization.slice(-20)}`, keys[0]!, at, { authorization })];
  const answer = await ask(`${stage.apiUrl}/v1/usage-events`, { token, body });
  expect(answer.body).toMatchObject({ results: [{ result: 'recorded' }] });
  const states = await stage.sql('SELECT authorization_state AS state FROM usage_event WHERE event_id = $1', [
    body[0]!.id,
  ]);
  expect(states).toEqual([{ state: 'settled' }]);
}

describe('a lease whose node is not heard of', () => {
  it('is left alone until its grace is over, and then quarantined, and no count of its window changes', async () => {
    await nextDay();
    const inGrace = await lend(stage, nodeId, { windowId, granted: 40, forSeconds: -3 });
    const over = await lend(stage, await lostNode(stage), { windowId, granted: 30, forSeconds: -6 });
    await look();
    expect(await leaseIn(stage, inGrace)).toMatchObject({ state: 'open', leased: 71 });
    expect(await leaseIn(stage, over)).toMatchObject({ state: 'quarantined', granted: 30, spent: 0, leased: 71 });
  });

  it('is closed where nothing is left of it, for then there is nothing to find out', async () => {
    const id = await quarantined(25, 25);
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'closed', leased: 26 });
    expect(await findingOf(id)).toBeUndefined();
  });

  it('is not waited for while somebody holds it', async () => {
    await nextDay();
    const id = await lend(stage, nodeId, { windowId, granted: 10, forSeconds: -6 });
    const runner = stage.sql(
      `DO $$ BEGIN PERFORM 1 FROM quota_lease WHERE id = '${id}' FOR UPDATE; PERFORM pg_sleep(1); END $$`,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await look();
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'open' });
    await runner;
    await look();
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'quarantined' });
  });

  it('is a finding that both parties read, told once by however many look', async () => {
    await nextDay();
    const id = await lend(stage, nodeId, { windowId, granted: 50, spent: 8, forSeconds: -6 });
    await Promise.all([look(), look(), look()]);
    const found = await findingOf(id);
    expect(found).toMatchObject({ delta: 42, severity: 'medium', clauseRef: '5' });
    expect(found!.expected).toBe(`an account of all 50 requests of ${quota} that were lent to node ${nodeId}`);
    expect(found!.observed).toBe('up to 42 used and not accounted for');
    expect(await findingOf(id, story.cast.partnerAdmin)).toEqual(found);
    expect(await eventsOf(stage, found!.id)).toEqual(['finding.detected']);
  });

  it('shrinks as decisions become known, and is closed and its finding cleared when they account for all', async () => {
    const id = await quarantined(50);
    expect(await spend(stage, id, 20)).toBe(true);
    await look();
    expect(await findingOf(id)).toMatchObject({ delta: 30 });
    expect(await spend(stage, id, 30)).toBe(true);
    await look();
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'closed', spent: 50, leased: 51 });
    const cleared = await findingOf(id);
    expect(cleared).toMatchObject({ delta: 0, observed: 'all of it is accounted for' });
    expect(await eventsOf(stage, cleared!.id)).toEqual(['finding.detected', 'finding.detected', 'finding.cleared']);
    await look();
    expect(await eventsOf(stage, cleared!.id)).toHaveLength(3);
  });

  it('shrinks by a report whose token proves a decision that its node never wrote down', async () => {
    const id = await quarantined(50);
    await reportWithToken(id);
    // One was reserved of the lease and is used; the others are still unaccounted for. One is a plain admission's.
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'quarantined', spent: 1, leased: 50 });
    await look();
    expect(await findingOf(id)).toMatchObject({ delta: 49 });
    done(await post(stage, story.cast.compliance, `/v1/quota-leases/${id}/release`, { reason: 'It stopped.' }));
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'closed', leased: 1 });
    // What is reported later still reserves nothing any more, and is counted all the same.
    await reportWithToken(id);
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'closed', spent: 1, leased: 1 });
    const [window] = await stage.sql('SELECT used::int, overrun::int FROM quota_window WHERE id = $1', [windowId]);
    expect(window).toEqual({ used: 2, overrun: 0 });
  });

  it('clears its finding where its node lives after all and gives the rest back', async () => {
    const id = await quarantined(50);
    await stage.sql(
      `WITH back AS (UPDATE quota_lease SET state = 'closed', closed_at = now() WHERE id = $1 RETURNING window_id, granted - spent AS rest)
       UPDATE quota_window w SET leased = leased - rest FROM back WHERE w.id = back.window_id`,
      [id],
    );
    await look();
    expect(await findingOf(id)).toMatchObject({ delta: 0 });
  });
});

describe('the release of a quarantined lease', () => {
  const release = (id: string, person = story.cast.compliance) =>
    post<Shown>(stage, person, `/v1/quota-leases/${id}/release`, { reason: 'Its log shows that it had stopped.' });

  it('gives back what is left, once, with who, why and how much in the log that the partner reads', async () => {
    const id = await quarantined(50, 8);
    expect(await leaseIn(stage, id)).toMatchObject({ leased: 51 });
    expect(done(await release(id))).toMatchObject({ id, state: 'closed', left: 0, granted: 50, spent: 8 });
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'closed', leased: 9 });
    expect(await release(id)).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    expect(await leaseIn(stage, id)).toMatchObject({ leased: 9 });
    await look();
    expect(await findingOf(id)).toMatchObject({ delta: 0 });
    const path = `/v1/audit-entries?subject=${id}`;
    const { data } = done(await get<{ data: object[] }>(stage, story.cast.partnerAdmin, path));
    expect(data).toMatchObject([
      { action: 'quota_lease.released', detail: { returned: 42, reason: 'Its log shows that it had stopped.' } },
    ]);
  });

  it('is refused of a lease that its node may still be using', async () => {
    await nextDay();
    const id = await lend(stage, nodeId, { windowId, granted: 5, forSeconds: -3 });
    await look();
    expect(await release(id)).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    expect(await leaseIn(stage, id)).toMatchObject({ state: 'open', leased: 6 });
  });

  it('is for compliance alone', async () => {
    const id = await quarantined(5);
    const { partnerships, approver, admin, partnerAdmin } = story.cast;
    for (const person of [partnerships, approver, admin, partnerAdmin]) {
      expect(await release(id, person)).toMatchObject({ status: 403 });
    }
  });

  it('races with a late journal without losing a unit: what it took stays reserved, the rest goes back', async () => {
    await nextDay();
    for (let round = 0; round < 8; round += 1) {
      const id = await lend(stage, await lostNode(stage), { windowId, granted: 50, forSeconds: -6 });
      await look();
      const { leased } = await leaseIn(stage, id);
      const [took, first, second] = await Promise.all([
        spend(stage, id, 20),
        release(id),
        release(id),
        look(),
        decide(story, story.keys[1]!),
      ]);
      expect(new Set([first.status, second.status])).toEqual(new Set([201, 409]));
      // The admission beside them reserved one; the decisions of the journal go on reserving what it took.
      const spent = took ? 20 : 0;
      expect(await leaseIn(stage, id)).toMatchObject({ state: 'closed', spent, leased: leased + 1 - 50 + spent });
    }
  });
});

describe('the list of leases', () => {
  it('is of the state and the agreement that are asked for, page by page, with what each is of', async () => {
    const ids = [await quarantined(5), await quarantined(6), await quarantined(7)];
    const path = `/v1/quota-leases?agreementId=${story.agreementId}&state=quarantined`;
    const all = await story.cast.compliance.all<Shown>(path);
    expect(all.slice(0, 3)).toMatchObject(
      ids.toReversed().map((id, at) => ({
        id,
        agreementId: story.agreementId,
        quotaId: quota,
        metric: 'requests',
        state: 'quarantined',
        left: 7 - at,
        closedAt: null,
      })),
    );
    const page = done(await get<{ data: Shown[]; next_cursor: string }>(stage, story.cast.admin, `${path}&limit=2`));
    expect(page.data).toEqual(all.slice(0, 2));
    const next = done(await get<{ data: Shown[] }>(stage, story.cast.admin, `${path}&cursor=${page.next_cursor}`));
    expect(next.data).toEqual(all.slice(2));
    const closed = await story.cast.compliance.all<Shown>('/v1/quota-leases?state=closed');
    expect(new Set(closed.map(({ state }) => state))).toEqual(new Set(['closed']));
  });

  it('shows a partner those of its own windows and of no others', async () => {
    const rival = await given.anotherRival(story);
    await decide(rival, rival.keys[0]!);
    const other = await stage.sql<{ id: string }>('SELECT id FROM quota_window WHERE agreement_id = $1 LIMIT 1', [
      rival.agreementId,
    ]);
    const foreign = await lend(stage, await lostNode(stage), { windowId: other[0]!.id, granted: 3 });
    const own = await story.cast.partnerAdmin.all<Shown>('/v1/quota-leases');
    expect(own.length).toBeGreaterThan(0);
    expect(own.map(({ id }) => id)).not.toContain(foreign);
    expect((await rival.cast.partnerAdmin.all<Shown>('/v1/quota-leases')).map(({ id }) => id)).toEqual([foreign]);
  });
});

describe('what people are shown of a window', () => {
  interface ShownWindow {
    id: string;
    limit: number;
    leased: number;
    lent: number;
    quarantined: number;
    used: number;
  }

  it('parts what admissions reserved from what is lent and what is quarantined, and keeps what is left', async () => {
    await quarantined(30);
    await lend(stage, await lostNode(stage), { windowId, granted: 200, spent: 10 });
    const windows = await story.cast.partnerAdmin.all<ShownWindow>('/v1/quota-windows');
    // Ten of the lease are spent by decisions of the node, and one is an admission of the exact path.
    const counts = { leased: 11, lent: 190, quarantined: 30, used: 0 };
    expect(windows.find(({ id }) => id === windowId)).toMatchObject(counts);
    const path = `/v1/keys/${story.keys[0]!.id}/usage`;
    const { limits } = done(await get<KeyUsageAnswer>(stage, story.cast.researcher, path));
    expect(limits.find((one) => one.quota === quota)).toMatchObject({ ...counts, remaining: 1_000 - 11 - 190 - 30 });
  });

  it('reaches no percentage by what a node holds and has not admitted, but does by what is quarantined', async () => {
    await nextDay();
    const reached = async () =>
      (await eventsOf(stage, windowId)).filter((action) => action.startsWith('quota.reached_'));
    await lend(stage, nodeId, { windowId, granted: 900 });
    await stage.app.get(Sweeper).sweep();
    expect(await reached()).toEqual([]);
    await stage.sql(`UPDATE quota_lease SET expires_at = now() - interval '6 seconds' WHERE node_id = $1`, [nodeId]);
    await look();
    await stage.app.get(Sweeper).sweep();
    expect(await reached()).toEqual(['quota.reached_80_percent']);
  });

  it('stands in the statement of its period, apart from what admissions reserved', async () => {
    await quarantined(30);
    await lend(stage, await lostNode(stage), { windowId, granted: 20 });
    const date = stage.clock.now().toISOString().slice(0, 10);
    stage.clock.advance(day);
    const { compliance } = story.cast;
    const path = `/v1/agreements/${story.agreementId}/statements`;
    const { id } = done(await post<{ id: string }>(stage, compliance, path, { kind: 'day', date }));
    const { body } = await get<{ facts: { windows: { quota: string }[] } }>(
      stage,
      compliance,
      `/v1/statements/${id}/document`,
    );
    expect(body.facts.windows.find((window) => window.quota === quota)).toMatchObject({
      used: 0,
      reserved: 1,
      lent: 20,
      quarantined: 30,
    });
  });
});

import { OpenAPIObject } from '@nestjs/swagger';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../src/demo/agreement.js';
import { Person } from '../../src/demo/person.js';
import { SnapshotKeeper } from '../../src/gateway/snapshot/snapshot-keeper.js';
import { receiptHeader } from '../../src/http/route.js';
import { done, get } from '../setup/desk.js';
import { proposeEnd } from '../setup/endings.js';
import { Answer, ask, given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

/** A receipt as the API tells of it. */
interface ReceiptView {
  seq: number;
  committedAt: string;
  nodes: { id: string; name: string | null; appliedAt: string | null; freshUntil: string }[];
  effectiveEverywhereAt: string | null;
}

const forget = 'DELETE FROM node_receipt; DELETE FROM gateway_node';

let stage: Stage;
let story: Given;
let rival: Given;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  rival = await given.anotherRival(story);
  // The nodes of this test are rows alone, so that each is heard of when the test says so.
  await stage.app.get(SnapshotKeeper).stop();
  await stage.sql(forget);
});

afterEach(() => stage.sql(forget));

afterAll(() => stage.stop());

const because = { reasonCode: 'investigation', reason: 'A look at it' };

/** A request of a person, whatever comes of it. */
async function send<Body = Record<string, unknown>>(by: Person, method: string, path: string, more: object = {}) {
  return ask<Body>(stage.apiUrl + path, { method, token: await by.freshToken(), ...more });
}

/** A stop of a key, which may be made again and again. */
function stop(by: Person, search = '', headers = {}) {
  const path = `/v1/keys/${story.keys[0]!.id}/suspensions${search}`;
  return send<{ id: string; receipt?: ReceiptView | null }>(by, 'POST', path, { body: because, headers });
}

const seqOf = ({ headers }: Answer<unknown>) => Number(headers.get(receiptHeader));

const receiptFor = (by: Person, seq: number) => get<ReceiptView>(stage, by, `/v1/revocation-receipts/${seq}`);

/** The newest change of the log that may take access away. */
async function newestTaken(): Promise<number> {
  const rows = await stage.sql<{ seq: string }>('SELECT max(seq) AS seq FROM change_log WHERE takes_access');
  return Number(rows[0]!.seq);
}

/** A node as its synchronisation leaves it; `seen` and `started` are seconds from now, by the clock of the database. */
async function node({ seen = 0, started = -60, position = 0, left = false } = {}): Promise<string> {
  const id = randomUUID();
  await stage.sql(
    `INSERT INTO gateway_node (id, name, started_at, seen_at, position, left_at)
     VALUES ($1, 'host-1', now() + $2 * interval '1 second', now() + $3 * interval '1 second', $4, ${left ? 'now()' : 'NULL'})`,
    [id, started, seen, position],
  );
  return id;
}

function confirm(id: string, position: number) {
  return stage.sql('INSERT INTO node_receipt VALUES ($1, $2, clock_timestamp())', [id, position]);
}

describe('whatever takes access away names a receipt that covers it', () => {
  const cast = () => story.cast;
  const idIn = async (list: string) => (await cast().partnerAdmin.all<{ id: string }>(`/v1/${list}`))[0]!.id;
  const idOf = async (person: Person) => (await person.get<{ id: string }>('/v1/me')).id;
  const key = (at: number) => `/v1/keys/${story.keys[at]!.id}`;
  const stopAgreement = (scope: string, target?: string) => ({
    by: cast().compliance,
    path: `/v1/agreements/${story.agreementId}/suspensions`,
    body: { ...because, scope, target },
  });
  type Act = () => Promise<{ by: Person; path: string; method?: string; body?: object }>;

  it.each<[string, Act]>([
    ['a stop of a key', async () => ({ by: cast().compliance, path: `${key(0)}/suspensions`, body: because })],
    [
      'a rotation without an overlap',
      async () => ({ by: cast().researcher, path: `${key(1)}/rotation`, body: { overlapMinutes: 0 } }),
    ],
    [
      'the revocation of a key',
      async () => ({ by: cast().partnerAdmin, path: `${key(2)}/revocation`, body: { reason: 'It is over' } }),
    ],
    ['a stop of a model', async () => stopAgreement('model', models.code)],
    ['a stop of a purpose', async () => stopAgreement('purpose', 'robustness.jailbreak')],
    ['a stop of a researcher', async () => stopAgreement('researcher', await idOf(cast().researcher))],
    ['a stop of an agreement', async () => stopAgreement('agreement')],
    [
      'a stop of a campaign',
      async () => ({
        by: cast().compliance,
        path: `/v1/campaigns/${await idIn('campaigns')}/suspensions`,
        body: because,
      }),
    ],
    [
      'a stop of an organisation',
      async () => ({ by: cast().compliance, path: `/v1/partners/${story.organisationId}/suspensions`, body: because }),
    ],
    [
      'a role that is taken',
      async () => ({
        by: cast().partnerAdmin,
        method: 'PUT',
        path: `/v1/users/${await idOf(cast().researcher)}/roles`,
        body: { roles: ['partner_signatory'] },
      }),
    ],
    [
      'an account that is suspended',
      async () => ({ by: cast().admin, path: `/v1/users/${await idOf(cast().researcher)}/suspension` }),
    ],
    [
      'a removal from the roster',
      async () => ({
        by: cast().partnerAdmin,
        path: `/v1/roster/${await idIn('roster')}/removal`,
        body: { reason: 'Gone' },
      }),
    ],
    [
      'the completion of a campaign',
      async () => ({ by: cast().partnerAdmin, path: `/v1/campaigns/${await idIn('campaigns')}/completion` }),
    ],
    [
      'the revocation of a gateway’s credential',
      async () => {
        const made = await cast().admin.post<{ id: string }>('/v1/gateway-credentials', { name: 'short-lived' });
        return { by: cast().admin, path: `/v1/gateway-credentials/${made.id}/revocation` };
      },
    ],
    [
      'the end of an agreement',
      async () => {
        const proposed = done(await proposeEnd(story, story.agreementId, cast().labSignatory, { kind: 'mutual' }));
        return { by: cast().partnerSignatory, path: `/v1/terminations/${proposed.id}/confirmation` };
      },
    ],
  ])('%s', async (_, act) => {
    const before = await newestTaken();
    const { by, path, method = 'POST', body } = await act();
    const answer = await send(by, method, path, body ? { body } : {});
    done(answer);
    expect(answer.body).not.toHaveProperty('receipt');
    const after = await newestTaken();
    expect(after).toBeGreaterThan(before);
    expect(seqOf(answer)).toBeGreaterThanOrEqual(after);
    expect(done(await receiptFor(by, seqOf(answer)))).toMatchObject({ seq: seqOf(answer) });
  });

  it('and OpenAPI says so of those routes and of no other', async () => {
    const { body } = await ask<OpenAPIObject>(`${stage.apiUrl}/openapi.json`, { method: 'GET' });
    const told = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, { responses }]) => JSON.stringify(responses ?? {}).includes(receiptHeader))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(told.toSorted()).toEqual([
      'POST /v1/agreements/{id}/countersignature',
      'POST /v1/agreements/{id}/suspensions',
      'POST /v1/amendments/{id}/acknowledgement',
      'POST /v1/amendments/{id}/countersignature',
      'POST /v1/campaigns/{id}/cancellation',
      'POST /v1/campaigns/{id}/completion',
      'POST /v1/campaigns/{id}/suspensions',
      'POST /v1/gateway-credentials/{id}/revocation',
      'POST /v1/keys/{id}/revocation',
      'POST /v1/keys/{id}/rotation',
      'POST /v1/keys/{id}/suspensions',
      'POST /v1/partners/{id}/offboarding',
      'POST /v1/partners/{id}/suspensions',
      'POST /v1/roster/{id}/clean-team-attestation',
      'POST /v1/roster/{id}/removal',
      'POST /v1/terminations/{id}/confirmation',
      'POST /v1/users/{id}/suspension',
      'PUT /v1/users/{id}/roles',
    ]);
  });
});

describe('a receipt', () => {
  it('names each node that may still have decided without the change, and by when it applied it', async () => {
    const [quick, slow] = [await node({ started: -60 }), await node({ started: -50 })];
    const seq = seqOf(await stop(story.cast.compliance));
    await confirm(quick, seq);
    const receipt = done(await receiptFor(story.cast.compliance, seq));
    expect(receipt.nodes).toMatchObject([
      { id: quick, name: 'host-1', appliedAt: expect.any(String) },
      { id: slow, name: 'host-1', appliedAt: null },
    ]);
    expect(receipt.effectiveEverywhereAt).toBeNull();
    await confirm(slow, seq + 5);
    const complete = done(await receiptFor(story.cast.compliance, seq));
    expect(complete.effectiveEverywhereAt).toBe(complete.nodes[1]!.appliedAt);
    expect(complete.nodes[0]!.appliedAt! >= complete.committedAt).toBe(true);
  });

  it('takes what a node has applied without confirming it from where it says that it stands', async () => {
    await node({ position: 1_000_000 });
    const seq = seqOf(await stop(story.cast.compliance));
    const { nodes } = done(await receiptFor(story.cast.compliance, seq));
    expect(nodes).toMatchObject([{ appliedAt: expect.any(String) }]);
  });

  it('leaves out who could not have decided without the change: who was silent for too long, left, or came later', async () => {
    await node({ seen: -6 });
    await node({ left: true });
    const seq = seqOf(await stop(story.cast.compliance));
    await confirm(await node({ started: 60, position: seq }), seq);
    const receipt = done(await receiptFor(story.cast.compliance, seq));
    expect(receipt).toMatchObject({ nodes: [], effectiveEverywhereAt: receipt.committedAt });
  });

  it('names a node that started later with a copy from before the change', async () => {
    const seq = seqOf(await stop(story.cast.compliance));
    const late = await node({ started: 60 });
    await confirm(late, seq - 1);
    expect(done(await receiptFor(story.cast.compliance, seq)).nodes).toMatchObject([{ id: late, appliedAt: null }]);
  });

  it('tells a partner of its own changes, without the names of the lab’s machines, and of nobody else’s', async () => {
    const id = await node();
    const seq = seqOf(await stop(story.cast.partnerAdmin));
    expect(done(await receiptFor(story.cast.partnerAdmin, seq)).nodes).toMatchObject([{ id, name: null }]);
    const foreign = await receiptFor(rival.cast.partnerAdmin, seq);
    const absent = await receiptFor(rival.cast.partnerAdmin, 999_999_999);
    expect([foreign.status, absent.status]).toEqual([404, 404]);
    expect({ ...foreign.body, request_id: '' }).toEqual({ ...absent.body, request_id: '' });
  });

  it('named to a partner is of its own change, although others have changed something since', async () => {
    const others = seqOf(
      await send(rival.cast.partnerAdmin, 'POST', `/v1/keys/${rival.keys[0]!.id}/revocation`, revoke),
    );
    const again = await send(story.cast.partnerAdmin, 'POST', `/v1/keys/${story.keys[2]!.id}/revocation`, revoke);
    expect(seqOf(again)).toBeLessThan(others);
    expect((await receiptFor(story.cast.partnerAdmin, seqOf(again))).status).toBe(200);
  });
});

const revoke = { body: { reason: 'It is over' } };

describe('?wait=all', () => {
  it('answers when the last node has applied the change, with the receipt', async () => {
    const ids = [await node(), await node()];
    const [seen] = await stage.sql<{ seq: string }>('SELECT max(seq) AS seq FROM change_log');
    const begun = performance.now();
    const stopping = stop(story.cast.compliance, '?wait=all');
    await sleep(400);
    await confirm(ids[0]!, Number(seen!.seq) + 1);
    await sleep(400);
    await confirm(ids[1]!, Number(seen!.seq) + 1);
    const answer = await stopping;
    const took = performance.now() - begun;
    const { receipt, ...stopped } = done(answer);
    expect(took).toBeGreaterThan(790);
    expect(took).toBeLessThan(4_500);
    expect(receipt).toEqual(done(await receiptFor(story.cast.compliance, seqOf(answer))));
    const applied = receipt!.nodes.map(({ appliedAt }) => Date.parse(appliedAt!));
    expect(Date.parse(receipt!.effectiveEverywhereAt!)).toBe(Math.max(...applied));
    expect(stopped).toMatchObject({ scope: 'key', liftedAt: null });
  });

  it('answers when a node that never applies it refuses everything, for want of news', async () => {
    await node({ seen: -3 });
    const { receipt } = done(await stop(story.cast.compliance, '?wait=all'));
    expect(receipt!.nodes).toMatchObject([{ appliedAt: null, freshUntil: receipt!.effectiveEverywhereAt }]);
    expect(receipt!.effectiveEverywhereAt! > receipt!.committedAt).toBe(true);
  });

  it('gives up on a node that goes on being heard of and never confirms, and says that nothing is certain', async () => {
    const id = await node();
    const beat = setInterval(
      () => void stage.sql('UPDATE gateway_node SET seen_at = clock_timestamp() WHERE id = $1', [id]),
      500,
    );
    const begun = performance.now();
    const { receipt } = done(await stop(story.cast.compliance, '?wait=all'));
    clearInterval(beat);
    expect(receipt).toMatchObject({ nodes: [{ id, appliedAt: null }], effectiveEverywhereAt: null });
    expect(performance.now() - begun).toBeGreaterThan(6_900);
  });

  it('holds nobody up where nothing waits to be applied', async () => {
    const { receipt } = done(await stop(story.cast.compliance, '?wait=all'));
    expect(receipt).toMatchObject({ nodes: [], effectiveEverywhereAt: receipt!.committedAt });
  });

  it('is no other word, which is told before anything is stopped', async () => {
    const before = await newestTaken();
    const { status, body } = await stop(story.cast.compliance, '?wait=some');
    expect({ status, ...body }).toMatchObject({ status: 422, pointer: '/wait', expected: 'one of: all' });
    const unknown = await stop(story.cast.compliance, '?wait=all&until=then');
    expect({ status: unknown.status, ...unknown.body }).toMatchObject({ status: 422, pointer: '/until' });
    expect(await newestTaken()).toBe(before);
  });

  it('holds for an answer that is replayed as for the first one', async () => {
    const headers = { 'Idempotency-Key': `"${randomUUID()}"` };
    const first = await stop(story.cast.compliance, '?wait=all', headers);
    const second = await stop(story.cast.compliance, '?wait=all', headers);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(done(second)).toEqual(done(first));
    expect(seqOf(second)).toBe(seqOf(first));
  });
});

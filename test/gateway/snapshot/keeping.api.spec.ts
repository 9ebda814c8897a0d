import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../../src/demo/agreement.js';
import { minute } from '../../../src/kernel/clock.js';
import { sha256 } from '../../../src/kernel/digests.js';
import { NodeRegistry } from '../../../src/gateway/nodes/node-registry.js';
import { SnapshotKeeper } from '../../../src/gateway/snapshot/snapshot-keeper.js';
import { Snapshot } from '../../../src/gateway/snapshot/snapshot.js';
import { KeyFacts } from '../../../src/gateway/standing.js';
import { given, Given } from '../../setup/given.js';
import { attemptAs } from '../../setup/guards.js';
import { listenTo, until } from '../../setup/listening.js';
import { openSecondInstance } from '../../setup/second-instance.js';
import { openStage, Stage } from '../../setup/stage.js';
import { addSeconds, expectSame, sqlOf } from '../../setup/standing-changes.js';

let stage: Stage;
let story: Given;
let rival: Given;
let owner: Client;
let snapshot: Snapshot;
let keeper: SnapshotKeeper;

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  rival = await given.anotherRival(story);
  owner = new Client({ connectionString: stage.ownerUrl });
  await owner.connect();
  snapshot = stage.app.get(Snapshot);
  keeper = stage.app.get(SnapshotKeeper);
  await addSeconds(stage);
});

afterAll(async () => {
  await owner.end();
  await stage.stop();
});

/** A statement typed into psql by the owner, with the audit entry that the database asks for. */
async function typed(...statements: string[]): Promise<void> {
  expect(await attemptAs(owner, ...statements)).toBe('committed');
}

describe('what begins later', () => {
  const hash = () => sha256(rival.keys[0]!.key).toString('hex');
  const at = (milliseconds: number) => new Date(stage.clock.now().getTime() + milliseconds);

  it.each([
    ['a version', 'an amendment to come'],
    ['a place on the roster', 'a place on the roster to come'],
  ])('%s: the snapshot tells until then, from then on not before it has read anew', async (_, what) => {
    await typed(sqlOf(stage, what, rival.keys[0]!));
    await keeper.catchUp();
    expect(snapshot.find(hash(), at(0))).toMatchObject({ publicId: rival.keys[0]!.publicId });
    expect(snapshot.find(hash(), at(15 * minute - 1))).toMatchObject({ publicId: rival.keys[0]!.publicId });
    expect(snapshot.find(hash(), at(15 * minute))).toBe('cannot_tell');
    await keeper.catchUp();
    stage.clock.advance(15 * minute);
    expect(snapshot.find(hash(), at(0))).toBe('cannot_tell');
    await keeper.catchUp();
    expect(snapshot.find(hash(), at(0))).toMatchObject({ publicId: rival.keys[0]!.publicId });
    // And a clock that is behind is told nothing of what has begun since.
    expect(snapshot.find(hash(), at(-1))).toBe('cannot_tell');
    await keeper.catchUp();
    await expectSame(stage);
  });

  it('a stop holds from when it is known, whatever a clock that is behind makes of it', async () => {
    stage.clock.advance(minute);
    await typed(sqlOf(stage, 'a stop of a key', rival.keys[0]!));
    await keeper.catchUp();
    const earlier = new Date(stage.clock.now().getTime() - 1);
    const found = snapshot.find(hash(), earlier) as KeyFacts;
    expect(found.standing.suspensions.length).toBeGreaterThan(0);
    for (const { from } of found.standing.suspensions) expect(+from).toBeLessThanOrEqual(+earlier);
    await typed('DELETE FROM suspension');
  });
});

describe('whoever changes something over the REST API', () => {
  it('is answered when the gateways of the same process know it', async () => {
    const { compliance } = rival.cast;
    const key = rival.keys[1]!;
    const hashOf = (text: string) => sha256(text).toString('hex');
    const stops = () => (snapshot.find(hashOf(key.key), stage.clock.now()) as KeyFacts).standing.suspensions.length;
    await keeper.catchUp();
    const before = stops();
    const because = { reasonCode: 'investigation', reason: 'A look at it' };
    for (let made = 1; made <= 5; made += 1) {
      await compliance.post(`/v1/keys/${key.id}/suspensions`, because);
      expect(stops()).toBe(before + made);
    }
    const price = { model: models.code, currency: 'CHF', inputPerMillion: 5, outputPerMillion: 7 };
    await story.cast.partnerships.post('/v1/prices', price);
    expect(snapshot.prices.inForce(models.code, stage.clock.now()).get('CHF')).toMatchObject({ outputPerMillion: 7 });
    const issued = await story.cast.admin.post<{ id: string; secret: string }>('/v1/gateway-credentials', {
      name: 'x',
    });
    expect(snapshot.gateway(hashOf(issued.secret))).toMatchObject({ kind: 'gateway', id: issued.id, name: 'x' });
    await compliance.post(`/v1/gateway-credentials/${issued.id}/revocation`);
    expect(snapshot.gateway(hashOf(issued.secret))).toBeNull();
  });

  it('is told of a price in no stream of revocations', async () => {
    const stream = await listenTo(stage.gatewayUrl, story.gatewayCredential);
    const price = { model: models.code, currency: 'NOK', inputPerMillion: 5, outputPerMillion: 7 };
    await story.cast.partnerships.post('/v1/prices', price);
    await typed(sqlOf(stage, 'a stop of a key', rival.keys[2]!));
    expect(await stream.next()).toMatchObject({ kind: 'key', entity_id: rival.keys[2]!.id });
    expect(stream.heard).toHaveLength(1);
    const [logged] = await stage.sql(
      `SELECT takes_access FROM change_log WHERE kind = 'price' ORDER BY seq DESC LIMIT 1`,
    );
    expect(logged).toEqual({ takes_access: false });
    stream.close();
  });
});

describe('a node', () => {
  it('that starts reads thousands of keys, page by page, and tells of each what the database tells', async () => {
    await stage.sql(`SET session_replication_role = replica;
      INSERT INTO api_key SELECT (jsonb_populate_record(k, jsonb_build_object('id', gen_random_uuid(),
        'public_id', 'many' || n))).* FROM api_key k, generate_series(1, 1300) n WHERE k.id = '${story.keys[0]!.id}';
      INSERT INTO key_secret (id, key_id, hash, origin, issued_at)
        SELECT gen_random_uuid(), id, sha256(id::text::bytea), 'generated', now() FROM api_key
        WHERE public_id LIKE 'many%'`);
    const node = await openSecondInstance(stage);
    const other = node.app.get(Snapshot);
    const [keys] = await stage.sql('SELECT count(*)::int AS count FROM api_key');
    expect(other.size).toBe(keys!.count);
    await expectSame(stage, node);
    // A change that reaches all of them is known as soon as the node has caught up.
    await typed(sqlOf(stage, 'a suspended account', story.keys[0]!));
    await node.app.get(SnapshotKeeper).catchUp();
    await expectSame(stage, node);
    await until(async () => (await receiptOf(node)) === (await newest()), 'a receipt of the newest change');
    await node.stop();
  });

  it('that loads a log with a change of a kind that it does not know reads everything anew', async () => {
    await stage.sql(`SET session_replication_role = replica;
      UPDATE api_key SET models = models[1:1] WHERE id = '${story.keys[1]!.id}'`);
    await stage.sql(`INSERT INTO change_log (kind, entity_id, cause, takes_access, at)
      VALUES ('weather', gen_random_uuid(), 'weather', false, now())`);
    await keeper.catchUp();
    await expectSame(stage);
  });

  it('knows how many nodes there are', async () => {
    const registry = stage.app.get(NodeRegistry);
    await keeper.catchUp();
    expect(registry.liveNodes()).toBe(1);
    const node = await openSecondInstance(stage);
    await keeper.catchUp();
    expect(registry.liveNodes()).toBe(2);
    await node.stop();
    await keeper.catchUp();
    expect(registry.liveNodes()).toBe(1);
  });
});

const newest = async () => Number((await stage.sql<{ seq: string }>('SELECT max(seq) AS seq FROM change_log'))[0]!.seq);

/** Up to where a node has told that it applied everything. */
async function receiptOf(node: Pick<Stage, 'app'>): Promise<number> {
  const rows = await stage.sql<{ position: string }>(
    'SELECT max(position) AS position FROM node_receipt WHERE node_id = $1',
    [node.app.get(NodeRegistry).id],
  );
  return Number(rows[0]!.position);
}

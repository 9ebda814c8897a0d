import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../src/demo/agreement.js';
import { decide, done, post } from '../setup/desk.js';
import { given, Given } from '../setup/given.js';
import { attemptAs } from '../setup/guards.js';
import { Listening, listenTo } from '../setup/listening.js';
import { openStage, Stage } from '../setup/stage.js';

let stage: Stage;
let story: Given;
let rival: Given;
let owner: Client;
/** A key that is stopped to see that nothing was told in between. */
let other: Given['keys'][number];
const open: Listening[] = [];

beforeAll(async () => {
  stage = await openStage();
  story = await given.activeAgreement(stage);
  rival = await given.anotherRival(story);
  other = story.keys[1]!;
  owner = new Client({ connectionString: stage.ownerUrl });
  await owner.connect();
});

afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

afterAll(async () => {
  await owner.end();
  await stage.stop();
});

async function listen(options: Parameters<typeof listenTo>[2] = {}, token = story.gatewayCredential) {
  const stream = await listenTo(stage.gatewayUrl, token, options);
  open.push(stream);
  return stream;
}

/** A statement typed into psql by the owner, with the audit entry that the database asks for. */
async function typed(...statements: string[]): Promise<void> {
  expect(await attemptAs(owner, ...statements)).toBe('committed');
}

const everyKey = () => [...story.keys, ...rival.keys];

/** The keys that the next admission refuses, of those that were admitted before. */
async function refusedNow(model: string = models.code): Promise<string[]> {
  const refused: string[] = [];
  for (const key of everyKey()) {
    if ((await decide(story, key, { model })).decision === 'deny') refused.push(key.publicId);
  }
  return refused.toSorted();
}

const ids = (keys: Given['keys']) => keys.map(({ publicId }) => publicId).toSorted();
const because = { reasonCode: 'investigation', reason: 'A look at it' };
const stopSql = (scope: string, target: string, agreement: string | null) => `
  INSERT INTO suspension (id, organisation_id, agreement_id, scope, target, reason_code, reason, suspended_by,
    suspended_side, suspended_at, version)
  VALUES (gen_random_uuid(), '${story.organisationId}', ${agreement ? `'${agreement}'` : 'NULL'}, '${scope}', ${target},
    'investigation', 'A test', 'somebody', 'lab', '${stage.clock.now().toISOString()}', 1)`;
const ofKey = (column: string) => `(SELECT ${column}::text FROM api_key WHERE id = '${story.keys[0]!.id}')`;

describe('a statement typed into psql', () => {
  const agreement = () => story.agreementId;
  const first = () => `'${story.keys[0]!.id}'`;
  const all = () => ids(story.keys);
  const alone = () => [story.keys[0]!.publicId];
  const lift = `DELETE FROM suspension`;

  it.each<[string, string, () => string, () => string, () => string[]]>([
    ['key', 'a stop of a key', () => stopSql('key', ofKey('id'), agreement()), () => lift, alone],
    ['campaign', 'a stop of a campaign', () => stopSql('campaign', ofKey('campaign_id'), agreement()), () => lift, all],
    [
      'agreement',
      'a stop of an agreement',
      () => stopSql('agreement', `'${agreement()}'`, agreement()),
      () => lift,
      all,
    ],
    [
      'organisation',
      'a stop of a partner',
      () => stopSql('organisation', `'${story.organisationId}'`, null),
      () => lift,
      all,
    ],
    [
      'researcher',
      'a stop of a researcher',
      () => stopSql('researcher', ofKey('researcher_id'), agreement()),
      () => lift,
      all,
    ],
    ['purpose', 'a stop of a purpose', () => stopSql('purpose', "'robustness'", agreement()), () => lift, all],
    [
      'campaign',
      'the end of a campaign',
      () => `UPDATE campaign SET state = 'completed' WHERE id = ${ofKey('campaign_id')}::uuid`,
      () => `UPDATE campaign SET state = 'active' WHERE id = ${ofKey('campaign_id')}::uuid`,
      all,
    ],
    [
      'campaign',
      'a window of a campaign that is over',
      () => `UPDATE campaign SET ends_at = starts_at + interval '1 ms' WHERE id = ${ofKey('campaign_id')}::uuid`,
      () => `UPDATE campaign SET ends_at = starts_at + interval '20 days' WHERE id = ${ofKey('campaign_id')}::uuid`,
      all,
    ],
    [
      'agreement',
      'the end of an agreement',
      () => `UPDATE agreement SET state = 'terminated', ended_at = '2026-03-02' WHERE id = '${agreement()}'`,
      () => `UPDATE agreement SET state = 'executed', ended_at = NULL WHERE id = '${agreement()}'`,
      all,
    ],
    [
      'researcher',
      'a suspended account',
      () => `UPDATE user_account SET suspended_at = '2026-03-02' WHERE id = ${ofKey('researcher_id')}::uuid`,
      () => `UPDATE user_account SET suspended_at = NULL WHERE id = ${ofKey('researcher_id')}::uuid`,
      all,
    ],
    [
      'researcher',
      'an account that is no researcher’s any more',
      () => `UPDATE user_account SET roles = '{partner_signatory}' WHERE id = ${ofKey('researcher_id')}::uuid`,
      () => `UPDATE user_account SET roles = '{researcher}' WHERE id = ${ofKey('researcher_id')}::uuid`,
      all,
    ],
    [
      'key',
      'a key that has expired',
      () => `UPDATE api_key SET expires_at = '2026-03-02' WHERE id = ${first()}`,
      () => `UPDATE api_key SET expires_at = '2026-03-20' WHERE id = ${first()}`,
      alone,
    ],
    [
      'key',
      'a revoked key',
      () => `UPDATE api_key SET revoked_at = '2026-03-02' WHERE id = ${first()}`,
      () => `UPDATE api_key SET revoked_at = NULL WHERE id = ${first()}`,
      alone,
    ],
    [
      'key',
      'a secret that works no more',
      () => `UPDATE key_secret SET ends_at = '2026-03-02' WHERE key_id = ${first()}`,
      () => `UPDATE key_secret SET ends_at = NULL WHERE key_id = ${first()}`,
      alone,
    ],
  ])('%s: %s names exactly the keys that the next admission refuses', async (kind, _, take, giveBack, expected) => {
    stage.clock.advance(1_000);
    // A busy node learns within milliseconds of what was typed, not at once.
    await expect.poll(() => refusedNow()).toEqual([]);
    const stream = await listen();
    await typed(take());
    const told = await stream.next();
    expect(told).toMatchObject({ kind, keys: expected(), models: null });
    expect(await refusedNow()).toEqual(told.keys);
    // Giving access back is no event, so the next one that is heard is of the next taking.
    await typed(giveBack());
    await expect.poll(() => refusedNow()).toEqual([]);
    await typed(stopSql('key', `'${other.id}'`, agreement()));
    expect(await stream.next()).toMatchObject({ kind: 'key', entity_id: other.id, keys: [other.publicId] });
    await typed(lift);
  });

  it('model: a stop names the keys and the one snapshot, for which alone the next admission refuses them', async () => {
    const stream = await listen();
    await typed(stopSql('model', "'atlas-2-code'", agreement()));
    expect(await stream.next()).toMatchObject({ kind: 'model', keys: all(), models: [models.code] });
    expect(await refusedNow(models.code)).toEqual(all());
    expect(await refusedNow(models.conversation)).toEqual([]);
    await typed(lift);
  });

  it('is heard of once for each change that bears on decisions, and never for one that does not', async () => {
    const count = async () => (await stage.sql<{ n: number }>('SELECT count(*)::int AS n FROM change_log'))[0]!.n;
    const before = await count();
    await typed(
      `UPDATE campaign SET title = 'Another title'`,
      `UPDATE api_key SET revocation_reason = 'none'`,
      `UPDATE user_account SET name = name || '.'`,
      `UPDATE agreement SET title = 'Another title'`,
      `UPDATE partner_organisation SET country = 'FR'`,
      `UPDATE gateway_credential SET name = 'eu-9'`,
    );
    expect(await count()).toBe(before);
  });
});

describe('the log of changes', () => {
  /** What a statement adds to the log; nothing of it stays. */
  async function loggedBy(statement: string): Promise<string[]> {
    await owner.query('BEGIN');
    try {
      const { rows: before } = await owner.query<{ seq: string }>('SELECT max(seq) AS seq FROM change_log');
      expect((await owner.query(statement)).rowCount).toBeGreaterThan(0);
      await owner.query('SET CONSTRAINTS log_change IMMEDIATE');
      const { rows } = await owner.query<{ line: string }>(
        `SELECT DISTINCT cause || ' ' || kind || CASE WHEN takes_access THEN ' takes' ELSE '' END AS line
         FROM change_log WHERE seq > $1 ORDER BY line`,
        [before[0]!.seq],
      );
      return rows.map(({ line }) => line);
    } finally {
      await owner.query('ROLLBACK');
    }
  }

  const now = "'2026-03-02T10:00:00Z'";

  it.each<[string, string[]]>([
    [
      `UPDATE partner_organisation SET state = 'offboarded', ended_at = ${now}, end_reason = 'x'`,
      ['partner_organisation organisation takes'],
    ],
    [
      `UPDATE user_account SET roles = '{partner_admin}' WHERE roles @> '{researcher}'`,
      ['user_account researcher takes'],
    ],
    [`UPDATE user_account SET roles = '{researcher}' WHERE name LIKE 'Sam %'`, ['user_account researcher']],
    [`UPDATE user_account SET suspended_at = ${now} WHERE side = 'partner'`, ['user_account researcher takes']],
    [`UPDATE user_account SET suspended_at = ${now} WHERE side = 'lab'`, []],
    [`UPDATE gateway_credential SET revoked_at = ${now}`, ['gateway_credential credential takes']],
    [
      `UPDATE roster_entry SET removed_at = ${now}, removed_by = 'x', removal_reason = 'x'`,
      ['roster_entry researcher takes'],
    ],
    [`UPDATE roster_entry SET attested_at = ${now}`, ['roster_entry researcher']],
    [
      `UPDATE agreement_version SET effective_from = effective_from + interval '1 hour'`,
      ['agreement_version agreement takes'],
    ],
    [`UPDATE agreement SET state = 'terminated', ended_at = ${now}`, ['agreement agreement takes']],
    [`UPDATE api_key SET models = models[1:1]`, ['api_key key takes']],
    [`UPDATE api_key SET expires_at = expires_at + interval '1 day'`, ['api_key key']],
    [`UPDATE key_secret SET ends_at = ${now}`, ['key_secret key takes']],
    [`DELETE FROM key_secret`, ['key_secret key takes']],
    [`UPDATE campaign SET ends_at = ends_at + interval '1 day'`, ['campaign campaign']],
    [`UPDATE campaign SET ends_at = ends_at - interval '1 day'`, ['campaign campaign takes']],
  ])('after %s holds %j', async (statement, lines) => {
    expect(await loggedBy(statement)).toEqual(lines);
  });

  it('knows a lifted stop as one that gives access', async () => {
    await typed(stopSql('key', `'${other.id}'`, story.agreementId));
    const lift = `UPDATE suspension SET lifted_at = ${now}, lifted_by = 'x', lift_proposed_by = 'y'`;
    expect(await loggedBy(lift)).toEqual(['suspension key']);
    expect(await loggedBy('DELETE FROM suspension')).toEqual(['suspension key']);
    expect(await loggedBy(`UPDATE suspension SET target = '${story.keys[0]!.id}'`)).toEqual(['suspension key takes']);
    await typed('DELETE FROM suspension');
  });
});

describe('a use case', () => {
  it('a stop by compliance, a rotation without overlap and a removal from the roster each name their keys', async () => {
    const stream = await listen();
    const { compliance, researcher, partnerAdmin } = rival.cast;
    const [first, second] = rival.keys;
    done(await post(stage, compliance, `/v1/keys/${first!.id}/suspensions`, because));
    expect(await stream.next()).toMatchObject({ kind: 'key', entity_id: first!.id, keys: [first!.publicId] });
    const rotated = await researcher.post<{ key: string }>(`/v1/keys/${second!.id}/rotation`, { overlapMinutes: 0 });
    expect(await stream.next()).toMatchObject({ kind: 'key', entity_id: second!.id, keys: [second!.publicId] });
    expect((await decide(rival, second!)).decision).toBe('deny');
    second!.key = rotated.key;
    expect((await decide(rival, second!)).decision).toBe('allow');
    const [listed] = await stage.sql<{ id: string; user_id: string }>(
      'SELECT id, user_id FROM roster_entry WHERE agreement_id = $1',
      [rival.agreementId],
    );
    done(await post(stage, partnerAdmin, `/v1/roster/${listed!.id}/removal`, { reason: 'They left.' }));
    const removed = await stream.next();
    expect(removed).toMatchObject({ kind: 'researcher', entity_id: listed!.user_id, keys: ids(rival.keys) });
    expect(await refusedNow()).toEqual(removed.keys);
  });

  it('a rotation with an overlap names nothing, for both secrets work', async () => {
    const stream = await listen();
    const [first, second] = story.keys;
    const path = `/v1/keys/${first!.id}/rotation`;
    first!.key = (await story.cast.researcher.post<{ key: string }>(path, { overlapMinutes: 10 })).key;
    await typed(stopSql('key', `'${second!.id}'`, story.agreementId));
    expect(await stream.next()).toMatchObject({ entity_id: second!.id });
    expect(stream.heard).toHaveLength(1);
    await typed('DELETE FROM suspension');
  });
});

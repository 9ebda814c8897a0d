import { DataSource } from 'typeorm';
import { expect } from 'vitest';
import { campaignStates } from '../../src/campaigns/campaign.entity.js';
import { Found, Snapshot } from '../../src/gateway/snapshot/snapshot.js';
import { SnapshotKeeper } from '../../src/gateway/snapshot/snapshot-keeper.js';
import { StandingReader } from '../../src/gateway/standing.js';
import { Stage } from './stage.js';

/** The hashes of every secret there is. */
async function allHashes(stage: Stage): Promise<string[]> {
  const rows = await stage.sql<{ hash: string }>(`SELECT encode(hash, 'hex') AS hash FROM key_secret ORDER BY id`);
  return rows.map(({ hash }) => hash);
}

/** Facts as they compare: stops come in no order. */
function comparable(found: Found | undefined): unknown {
  if (found === undefined || typeof found === 'string') return 'not_issued';
  const { suspensions, ...standing } = found.standing;
  return { ...found, standing: { ...standing, suspensions: suspensions.toSorted((a, b) => (a.id < b.id ? -1 : 1)) } };
}

/** Fails unless the snapshot of a node tells of every secret what the database tells now. */
export async function expectSame(stage: Stage, { app }: Pick<Stage, 'app'> = stage): Promise<void> {
  const [snapshot, keeper] = [app.get(Snapshot), app.get(SnapshotKeeper)];
  const at = stage.clock.now();
  const hashes = await allHashes(stage);
  const { manager } = stage.app.get(DataSource);
  const read = await stage.app.get(StandingReader).read(manager, hashes, at);
  // What begins between two readings is read anew at the next look, and of very many keys some at each.
  while (hashes.filter((hash) => snapshot.find(hash, at) === 'cannot_tell').length > 0) await keeper.catchUp();
  for (const hash of hashes) {
    expect(comparable(snapshot.find(hash, at))).toEqual(comparable(read.get(hash)));
  }
  expect(hashes.length).toBeGreaterThanOrEqual(6);
}

interface Key {
  id: string;
}

/** One change of what decisions stand on: SQL about a key, and at times another, in which `now()` is the stage's. */
type Step = (key: Key, other: Key) => string;

const of = ({ id }: Key, column: string) => `(SELECT ${column} FROM api_key WHERE id = '${id}')`;

const stop =
  (scope: string, target: (key: Key) => string): Step =>
  (key) => `
  INSERT INTO suspension (id, organisation_id, agreement_id, scope, target, reason_code, reason, suspended_by,
    suspended_side, suspended_at, version)
  VALUES (gen_random_uuid(), ${of(key, 'organisation_id')}, ${scope === 'organisation' ? 'NULL' : of(key, 'agreement_id')},
    '${scope}', ${target(key)}, 'investigation', 'A test', 'somebody', 'lab', now(), 1)`;

const update = (table: string, sets: string, where: (key: Key) => string): Step => {
  return (key) => `UPDATE ${table} SET ${sets} WHERE ${where(key)}`;
};

const onKey = (sets: string) => update('api_key', sets, ({ id }) => `id = '${id}'`);
const onSecrets = (sets: string) => update('key_secret', sets, ({ id }) => `key_id = '${id}'`);
const onCampaign = (sets: string) => update('campaign', sets, (key) => `id = ${of(key, 'campaign_id')}`);
const onRoster = (sets: string) => update('roster_entry', sets, (key) => `user_id = ${of(key, 'researcher_id')}`);
const onAccount = (sets: string) => update('user_account', sets, (key) => `id = ${of(key, 'researcher_id')}`);
const onAgreement = (sets: string) => update('agreement', sets, (key) => `id = ${of(key, 'agreement_id')}`);
const onSecond = (sets: string) =>
  update('agreement_version', sets, (key) => `agreement_id = ${of(key, 'agreement_id')} AND number = 2`);

const steps: Record<string, Step> = {
  'a stop of a key': stop('key', (key) => of(key, 'id::text')),
  'a stop of a campaign': stop('campaign', (key) => of(key, 'campaign_id::text')),
  'a stop of an agreement': stop('agreement', (key) => of(key, 'agreement_id::text')),
  'a stop of an organisation': stop('organisation', (key) => of(key, 'organisation_id::text')),
  'a stop of a researcher': stop('researcher', (key) => of(key, 'researcher_id::text')),
  'a stop of a purpose': stop('purpose', () => `'robustness'`),
  'a stop of a model': stop('model', () => `'atlas-2-code'`),
  'stops lifted': update(
    'suspension',
    `lifted_at = now(), lifted_by = 'x', lift_proposed_by = 'y'`,
    (key) => `lifted_at IS NULL AND organisation_id = ${of(key, 'organisation_id')}`,
  ),
  'a stop of somebody else': update(
    'suspension',
    `lifted_at = NULL, lifted_by = NULL`,
    (key) => `id = (SELECT min(id::text)::uuid FROM suspension WHERE agreement_id = ${of(key, 'agreement_id')})`,
  ),
  'stops gone': () => 'DELETE FROM suspension',
  'a revocation': onKey('revoked_at = now()'),
  'a revocation undone': onKey('revoked_at = NULL'),
  'an earlier end': onKey(`expires_at = now() + interval '1 hour'`),
  'fewer models': onKey('models = models[1:1]'),
  'other bounds': onKey(`networks = '{198.51.100.64/26}', capabilities = '{sampling,tools}', endpoints = '{batches}'`),
  'a slice': onKey(`quotas = '[{"quotaId": "code-requests-daily", "limit": 3}]'`),
  'a secret that ends': onSecrets(`ends_at = now() + interval '10 minutes'`),
  'a new secret': ({ id }) => `
    WITH replaced AS (UPDATE key_secret SET ends_at = now() + interval '5 minutes' WHERE key_id = '${id}'
      AND ends_at IS NULL RETURNING id)
    INSERT INTO key_secret (id, key_id, hash, origin, issued_at, ends_at)
    VALUES (gen_random_uuid(), '${id}', sha256(gen_random_uuid()::text::bytea), 'generated', now(),
      now() + interval '1 day')`,
  'another secret': onSecrets('hash = sha256(hash)'),
  'a secret of another key': (key, other) =>
    `UPDATE key_secret SET key_id = '${other.id}', ends_at = coalesce(ends_at, now()) WHERE key_id = '${key.id}'`,
  ...Object.fromEntries(
    campaignStates.map((state) => [
      `a campaign ${state}`,
      onCampaign(`state = '${state}', end_reason = 'A test', approved_by = 'somebody'`),
    ]),
  ),
  'another purpose': onCampaign(`purpose = 'robustness'`),
  'the purpose again': onCampaign(`purpose = 'robustness.jailbreak'`),
  'a shorter campaign': onCampaign(`ends_at = starts_at + interval '3 days'`),
  'a slice of a campaign': onCampaign(`quotas = '[{"quotaId": "code-requests-daily", "limit": 4}]'`),
  'a removal from the roster': onRoster(`removed_at = now(), removed_by = 'x', removal_reason = 'x'`),
  'a return to the roster': onRoster(`removed_at = NULL, removed_by = NULL, removal_reason = NULL`),
  'a place on the roster to come': onRoster(`starts_at = now() + interval '15 minutes'`),
  'a place on the roster that ends': onRoster(`ends_at = now() + interval '30 minutes'`),
  'an attestation': onRoster('attested_at = now()'),
  'another address': onAccount(`email = 'r' || substr(md5(random()::text), 1, 8) || '@elsewhere.example'`),
  'no researcher': onAccount(`roles = '{partner_admin}'`),
  'a researcher': onAccount(`roles = '{researcher}'`),
  'a suspended account': onAccount('suspended_at = now()'),
  'an account at work': onAccount('suspended_at = NULL'),
  'the end of an agreement': onAgreement(`state = 'terminated', ended_at = now()`),
  'an agreement in force': onAgreement(`state = 'executed', ended_at = NULL`),
  'an amendment in force': onSecond('effective_from = now()'),
  'an amendment to come': onSecond(`effective_from = now() + interval '15 minutes'`),
};

/** What can be changed, by name. */
export const changes = Object.keys(steps);

/** The SQL of a change. */
export function sqlOf(stage: Stage, what: string, key: Key, other = key): string {
  return steps[what]!(key, other).replaceAll('now()', `'${stage.clock.now().toISOString()}'::timestamptz`);
}

/**
 * A second version, and a second place on the roster, of each agreement; behind the guards, for nobody signed them. And a
 * roster that may be changed in every way, as only the owner can make it.
 */
export async function addSeconds(stage: Stage): Promise<void> {
  await stage.sql(`SET session_replication_role = replica;
    INSERT INTO agreement_version SELECT (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(), 'number', 2,
      'text_id', gen_random_uuid(), 'effective_from', '2030-01-01T00:00:00Z'))).* FROM agreement_version v;
    INSERT INTO roster_entry SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),
      'starts_at', '2030-01-01T00:00:00Z'))).* FROM roster_entry r;
    ALTER TABLE roster_entry DISABLE TRIGGER roster_entry_stands`);
}

import { randomBytes, randomUUID } from 'node:crypto';
import { DataSource, MigrationInterface } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Foundation1795334400000 } from '../../migrations/1795334400000-foundation.js';
import { Partners1795420800000 } from '../../migrations/1795420800000-partners.js';
import { ownerDataSource } from '../../src/data-source.js';
import { newId } from '../../src/kernel/ids.js';
import { databaseUrl, run } from '../setup/cluster.js';

const name = `parley_carry_over_${randomBytes(4).toString('hex')}`;
const enteredAt = new Date('2026-03-01T08:00:00.123Z');
const revisedAt = new Date('2026-03-02T08:00:00.456Z');
const checkedAt = '2026-03-03T08:00:00.789Z';

const signatory = { kind: 'signatory', name: 'Sam', email: 'sam@a.example' };
const notice = { kind: 'notice', name: 'Counsel', email: 'counsel@a.example' };
const dueDiligence = {
  sanctions: { outcome: 'clear', source: 'EU list' },
  conflict: { outcome: 'accepted_risk', source: 'Register' },
  checkedBy: 'lee',
  checkedAt,
};
const [known, unlogged, bare] = [newId(enteredAt), newId(enteredAt), newId(enteredAt)];

let url: string;

beforeAll(async () => {
  await run(inject('clusterUrl'), `CREATE DATABASE ${name}`);
  url = databaseUrl(inject('clusterUrl'), name);
  await migrated([Foundation1795334400000], (owner) => owner.runMigrations());
  await run(url, 'ALTER TABLE partner_organisation DISABLE TRIGGER USER');
  await insertPartner(known, [signatory, notice], dueDiligence);
  // The first release took such a list; only one of the two can be in force now.
  await insertPartner(unlogged, [notice, { ...notice, name: 'Again' }], null);
  await insertPartner(bare, [], null);
  await run(url, 'ALTER TABLE partner_organisation ENABLE TRIGGER USER');
  await insertEntry('partner.entered', 'ada', enteredAt);
  await insertEntry('partner.revised', 'petra', revisedAt);
  await migrated([Foundation1795334400000, Partners1795420800000], (owner) => owner.runMigrations());
});

afterAll(() => run(inject('clusterUrl'), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));

const rows = async (sql: string, values: unknown[] = []) => (await run(url, sql, values)).rows as unknown[];

describe('what the first release kept of partners is carried over', () => {
  it('each contact as a row, by whom the log says and when, in the order in which they stood', async () => {
    const contacts = `SELECT kind, name, email, added_by, added_at, removed_at FROM partner_contact
      WHERE organisation_id = $1 ORDER BY id`;
    const since = { added_by: 'petra', added_at: revisedAt, removed_at: null };
    expect(await rows(contacts, [known])).toEqual([
      { ...signatory, ...since },
      { ...notice, ...since },
    ]);
    const unknown = { added_by: 'system', added_at: enteredAt, removed_at: null };
    expect(await rows(contacts, [unlogged])).toEqual([{ ...notice, ...unknown }]);
    expect(await rows(contacts, [bare])).toEqual([]);
  });

  it('each check as a row, and none where nothing was checked', async () => {
    const by = { checked_by: 'lee', checked_at: new Date(checkedAt), note: null };
    const checks = 'SELECT number, kind, outcome, source, checked_by, checked_at, note FROM partner_check';
    expect(await rows(`${checks} WHERE organisation_id = $1 ORDER BY number`, [known])).toEqual([
      { number: 1, kind: 'sanctions', ...dueDiligence.sanctions, ...by },
      { number: 2, kind: 'conflict', ...dueDiligence.conflict, ...by },
    ]);
    expect(await rows(`${checks} WHERE organisation_id <> $1`, [known])).toEqual([]);
  });

  it('under ids of the instants at which they were made, as all ids are', async () => {
    const ids = (await rows(
      `SELECT id, added_at AS at FROM partner_contact UNION ALL SELECT id, checked_at FROM partner_check`,
    )) as { id: string; at: Date }[];
    expect(ids).toHaveLength(5);
    for (const { id, at } of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at.getTime());
    }
  });

  it('and back, where the new release is given up, as it stood', async () => {
    await migrated([Foundation1795334400000, Partners1795420800000], (owner) => owner.undoLastMigration());
    expect(await rows('SELECT id, contacts, due_diligence FROM partner_organisation ORDER BY id')).toEqual([
      { id: known, contacts: [signatory, notice], due_diligence: dueDiligence },
      { id: unlogged, contacts: [notice], due_diligence: null },
      { id: bare, contacts: [], due_diligence: null },
    ]);
    const unaudited = rows('UPDATE partner_organisation SET country = country');
    await expect(unaudited).rejects.toMatchObject({ constraint: 'unaudited_change' });
  });
});

/** Runs work on the owner's connection that knows these migrations only. */
async function migrated(
  migrations: (new () => MigrationInterface)[],
  work: (owner: DataSource) => Promise<unknown>,
): Promise<void> {
  const owner = await new DataSource({ ...ownerDataSource(url).options, migrations }).initialize();
  try {
    await work(owner);
  } finally {
    await owner.destroy();
  }
}

/** A partner as the first release kept it. */
async function insertPartner(id: string, contacts: object[], checks: object | null): Promise<void> {
  await run(
    url,
    `INSERT INTO partner_organisation (id, organisation_id, legal_name, country, email_domains, competitor, contacts,
       state, due_diligence, created_at, version) VALUES ($1::uuid, $1::uuid, $1::text, 'DE', '{a.example}', true, $2, 'prospect',
       $3, $4, 1)`,
    [id, JSON.stringify(contacts), checks, enteredAt],
  );
}

async function insertEntry(action: string, actorId: string, at: Date): Promise<void> {
  await run(
    url,
    `INSERT INTO audit_entry (id, log, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id,
       canonical, leaf_hash) VALUES ($1, $2, $3, 'user', $4, $4, $5, 'partner', $6, '', $7)`,
    [newId(at), `organisation:${known}`, at, actorId, action, known, Buffer.from(randomUUID().replaceAll('-', ''))],
  );
}

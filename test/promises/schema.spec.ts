import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ownerDataSource } from '../../src/data-source.js';
import { databaseUrl, run } from '../setup/cluster.js';

const name = `parley_schema_${randomBytes(4).toString('hex')}`;
let owner: DataSource;

beforeAll(async () => {
  await run(inject('clusterUrl'), `CREATE DATABASE ${name}`);
  owner = await ownerDataSource(databaseUrl(inject('clusterUrl'), name)).initialize();
});

afterAll(async () => {
  await owner.destroy();
  await run(inject('clusterUrl'), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
});

describe('the migrations make the schema that the entities describe', () => {
  it('up, down and up again on an empty database end in the same schema', async () => {
    const empty = await schema();
    await owner.runMigrations({ transaction: 'each' });
    const first = await schema();
    expect(first.length).toBeGreaterThan(empty.length + 300);
    for (const _ of owner.migrations) await owner.undoLastMigration({ transaction: 'each' });
    expect((await schema()).filter((line) => !/ (public\.)?migrations|pk_migrations/.test(line))).toEqual(empty);
    await owner.runMigrations({ transaction: 'each' });
    expect(await schema()).toEqual(first);
  });

  it('an entity and its table differ in nothing', async () => {
    const { upQueries } = await owner.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('a difference would be seen', async () => {
    await owner.query('ALTER TABLE campaign DROP CONSTRAINT separation_campaign_approval, ADD COLUMN surplus text');
    const { upQueries } = await owner.driver.createSchemaBuilder().log();
    const queries = upQueries.map(({ query }) => query).join('\n');
    expect(queries).toContain('separation_campaign_approval');
    expect(queries).toContain('surplus');
  });
});

/** Everything that a schema consists of, a line each. */
async function schema(): Promise<string[]> {
  const rows: { line: string }[] = await owner.query(`
    SELECT format('column %s.%s %s %s %s %s', table_name, column_name, data_type, is_nullable, column_default,
      identity_generation) AS line FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT format('constraint %s on %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('grant %s on %s to %s', privilege_type, table_name, grantee)
      FROM information_schema.role_table_grants WHERE table_schema = 'public'
    ORDER BY line`);
  return rows.map(({ line }) => line);
}

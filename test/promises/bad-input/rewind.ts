import { Client } from 'pg';

/** What a request left in the database: the new and changed rows, by table, without their bytes. */
export type Left = Record<string, Record<string, unknown>[]>;

/**
 * Takes a database back to where it was, so that a thing can be sent a thousand commands in the one state that takes
 * them, and so that what a request left behind is seen. Only rows that were written since are looked at.
 */
export class Rewind {
  private constructor(private readonly owner: Client) {}

  /** Remembers every row as it now is. Nothing may be under way. */
  static async from(ownerUrl: string): Promise<Rewind> {
    const owner = new Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query('CREATE SCHEMA before');
    const { rows } = await owner.query<Table>(tablesSql, [notOfRequests]);
    for (const { name } of rows) await owner.query(`CREATE TABLE before.${name} AS TABLE public.${name}`);
    for (const { name, keys } of rows) await owner.query(`CREATE INDEX ON before.${name} (${keys.join(', ')})`);
    await owner.query('CREATE TABLE before.mark AS SELECT pg_current_xact_id()::text::bigint + 1 AS xid');
    await owner.query(`CREATE FUNCTION before.rewind() RETURNS jsonb LANGUAGE plpgsql AS $$
      DECLARE mark bigint := (SELECT xid FROM before.mark); found jsonb; result jsonb := '{}';
      BEGIN ${rows.map(lookSql).join('\n')}
      IF result <> '{}' THEN
        ${childrenFirst(rows).map(removeSql).join('\n')}
        ${rows.map(restoreSql).join('\n')}
        UPDATE before.mark SET xid = pg_current_xact_id()::text::bigint + 1;
      END IF;
      RETURN result; END $$`);
    // To take back what was said is just what the guards of the database are there to refuse.
    await owner.query('SET session_replication_role = replica');
    return new Rewind(owner);
  }

  /** What was left since the last time, which is then undone. */
  async rewind(): Promise<Left> {
    const { rows } = await this.owner.query<{ left: Left }>('SELECT before.rewind() AS left');
    return rows[0]!.left;
  }

  stop(): Promise<void> {
    return this.owner.end();
  }
}

interface Table {
  name: string;
  keys: string[];
  columns: string[];
  bytes: string[];
  refersTo: string[];
}

/** What no request writes: a gateway node notes there, each second, that it lives. */
const notOfRequests = ['migrations', 'gateway_node', 'node_receipt'];

const tablesSql = `
  SELECT c.relname AS name,
    (SELECT array_agg(quote_ident(a.attname)) FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid
      AND a.attnum = ANY(i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary) AS keys,
    (SELECT array_agg(quote_ident(attname) ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0
      AND NOT attisdropped AND attidentity = '') AS columns,
    coalesce((SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0
      AND atttypid = 'bytea'::regtype), '{}') AS bytes,
    coalesce((SELECT array_agg(r.relname::text) FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
      WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid), '{}') AS "refersTo"
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AND c.relname <> ALL ($1)`;

const written = 't.xmin::text::bigint >= mark';

function lookSql({ name, bytes }: Table): string {
  const row = `to_jsonb(t) - ARRAY[${bytes.map((column) => `'${column}'`).join(', ')}]::text[]`;
  return `SELECT jsonb_agg(${row}) INTO found FROM public.${name} t WHERE ${written};
    IF found IS NOT NULL THEN result := result || jsonb_build_object('${name}', found); END IF;
    IF (SELECT count(*) FROM before.${name}) > (SELECT count(*) FROM public.${name}) THEN
      result := result || '{"${name}": [{"removed": true}]}'; END IF;`;
}

function same({ keys }: Table): string {
  return keys.map((key) => `b.${key} = t.${key}`).join(' AND ');
}

function removeSql(table: Table): string {
  return `IF result ? '${table.name}' THEN DELETE FROM public.${table.name} t WHERE ${written}
    AND NOT EXISTS (SELECT FROM before.${table.name} b WHERE ${same(table)}); END IF;`;
}

function restoreSql(table: Table): string {
  const set = table.columns.map((column) => `${column} = b.${column}`).join(', ');
  return `IF result ? '${table.name}' THEN UPDATE public.${table.name} t SET ${set} FROM before.${table.name} b
    WHERE ${same(table)} AND ${written}; END IF;`;
}

/** Tables in an order in which each comes before those that it refers to. */
function childrenFirst(tables: readonly Table[]): Table[] {
  const ordered: Table[] = [];
  const rest = new Set(tables);
  while (rest.size > 0) {
    const free = [...rest].filter(({ name }) => ![...rest].some(({ refersTo }) => refersTo.includes(name)));
    if (free.length === 0) throw new Error('Tables refer to each other in a circle.');
    for (const table of free) rest.delete(table);
    ordered.push(...free);
  }
  return ordered;
}

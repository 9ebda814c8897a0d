import { Stage } from './stage.js';

/**
 * What every table of a stage holds, as one digest a table. Who wrote a row last is part of it, so that a row that was
 * written again as it was is seen too. Nodes write each second that they live, whatever happens, so that they are left
 * out.
 */
export async function contentsOf(stage: Stage): Promise<Record<string, string>> {
  const tables = await stage.sql<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       AND relname NOT IN ('gateway_node', 'node_receipt')`,
  );
  const looks = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, md5(coalesce(string_agg(t.xmin::text || t::text, '|' ORDER BY t::text), ''))
         AS digest FROM public.${name} t`,
  );
  const rows = await stage.sql<{ name: string; digest: string }>(looks.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';

/** Linux counts CPU time in hundredths of a second. */
const ticksPerSecond = 100;

/**
 * Tells the CPU seconds that all processes of the database server have used, those that ended among them. Null where
 * there is no /proc to read them from.
 */
export async function databaseCpu(databaseUrl: string): Promise<() => number | null> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const server = statOf(rows[0]!.pid)?.parent;
  await client.end();
  return () => (server === undefined ? null : cpuOf(server));
}

function cpuOf(server: number): number {
  const processes = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  const own = processes.filter(({ pid, parent }) => pid === server || parent === server);
  const ticks = own.map(({ pid, ticks: used, childTicks }) => used + (pid === server ? childTicks : 0));
  return ticks.reduce((sum, used) => sum + used, 0) / ticksPerSecond;
}

function statOf(pid: number) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses, which may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { pid, parent: fields[1]!, ticks: fields[11]! + fields[12]!, childTicks: fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
}

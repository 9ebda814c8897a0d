import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DATABASE_USER } from './cluster.js';
import type { DataDirectory } from './data-directory.js';
import { DirectoryHeldError, EmbeddedDatabaseError, OWN_SERVER_HINT } from './embedded-database-error.js';
import { codeOf } from './error-code.js';
import { processExists, readRecord } from './postmaster-record.js';
import type { Server } from './server.js';

/** "parley" in ASCII: the advisory lock whose holder is the one Parley that uses the directory. */
const LOCK_KEY = 0x7061726c6579;
const LOCK_TRIES_MAX = 40;
const LOCK_PAUSE_MILLISECONDS = 50;

/** What a connection meets while a server starts, stops or restarts itself; it is then worth another look. */
const PASSING = ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/**
 * Takes hold of the server's directory with a lock that lives as long as this connection, so that even kill -9 frees
 * it. Undefined when the server went away meanwhile; refused when another Parley holds it.
 */
export async function holdServer(server: Server, directory: DataDirectory): Promise<Client | undefined> {
  const client = new Client({
    host: '127.0.0.1',
    port: server.port,
    user: DATABASE_USER,
    password: directory.password,
    // Not the database "parley": a lock connection there would keep anybody from using it as a template.
    database: 'postgres',
    application_name: `parley pid ${process.pid} since ${new Date().toISOString()}`,
    ssl: false,
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined); // A loss before we hold shows in the query that it fails.
  try {
    await client.connect();
    await refuseStranger(client, directory);
    await takeLock(client, directory);
    // A stopping server writes so before it ends any connection. Ready after the lock thus means that the lock was
    // free, and not merely let go by a holder whose stopping will take us along.
    const record = await readRecord(directory.cluster);
    if (record?.pid === server.pid && record.status === 'ready') return client;
    await client.end();
    return undefined;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (isPassing(error)) return undefined;
    throw explained(error, directory);
  }
}

/** Makes the product's database unless it is there. */
export async function ensureDatabase(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
}

async function refuseStranger(client: Client, { cluster }: DataDirectory): Promise<void> {
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  const served = rows[0]?.data_directory ?? '';
  if ((await realpath(served).catch(() => served)) === cluster) return;
  throw new EmbeddedDatabaseError(
    `The PostgreSQL that should serve ${cluster} serves ${served}. Stop it, or ${OWN_SERVER_HINT}.`,
  );
}

async function takeLock(client: Client, directory: DataDirectory): Promise<void> {
  let holder: Holder | undefined;
  for (let tried = 0; tried < LOCK_TRIES_MAX; tried++) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK_KEY]);
    if (rows[0]?.taken) return;
    holder = await readHolder(client);
    // A holder that was just killed keeps the lock until the server notices, which takes an instant.
    if (holder && processExists(holder.pid)) break;
    await sleep(LOCK_PAUSE_MILLISECONDS);
  }
  throw new DirectoryHeldError(
    `Parley already runs on ${directory.path}: ${holder?.text ?? 'an unknown process'} holds its database. ` +
      `Stop that one first, or point PARLEY_DATA to another directory, or ${OWN_SERVER_HINT}.`,
  );
}

interface Holder {
  pid: number;
  text: string;
}

async function readHolder(client: Client): Promise<Holder | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT holder.application_name AS name
       FROM pg_locks AS lock JOIN pg_stat_activity AS holder USING (pid)
      WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
        AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (lock.classid::bigint << 32 | lock.objid::bigint) = $1`,
    [LOCK_KEY],
  );
  const name = rows[0]?.name;
  if (name === undefined) return undefined;
  const [, pid, since] = /^parley pid (\d+) since (\S+)$/.exec(name) ?? [];
  // A number that cannot be read, or that another container gave, is nobody's here: we then wait a little, and refuse.
  return { pid: Number(pid), text: pid ? `process ${pid}, since ${since},` : `"${name}"` };
}

function isPassing(error: unknown): boolean {
  // The driver itself gives no code when the server hangs up in the middle.
  return PASSING.includes(codeOf(error)) || String(error).includes('Connection terminated');
}

function explained(error: unknown, { path }: DataDirectory): unknown {
  if (codeOf(error) === '28P01') {
    return new EmbeddedDatabaseError(
      `The password in ${path}/database-password does not open the database beside it. Put back the file that ` +
        `belongs to it, or ${OWN_SERVER_HINT}.`,
    );
  }
  if (codeOf(error) === '53300') {
    return new EmbeddedDatabaseError(
      `The database of ${path} runs and takes no more connections (${String(error)}), so another Parley uses it. ` +
        `Stop that one first, or ${OWN_SERVER_HINT}.`,
    );
  }
  return error;
}

import { spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataDirectory } from './data-directory.js';
import { EmbeddedDatabaseError, OWN_SERVER_HINT } from './embedded-database-error.js';
import { isPostmaster, processExists, putAsideStaleRecord, readRecord } from './postmaster-record.js';
import { processOptionsOf } from './server-account.js';

/** A live server of the directory's cluster. */
export interface Server {
  pid: number;
  port: number;
}

type Log = (line: string) => void;

const POLL_MILLISECONDS = 25;
const PATIENCE_MILLISECONDS = 10_000;
const FAST_STOP_MILLISECONDS_MAX = 30_000;
const LOG_BYTES_MAX = 10 * 1024 * 1024;
const PORTS_TRIED_MAX = 10;

/** The server that runs on the cluster already, once it is ready; undefined when none runs, or it was on its way out. */
export async function findServer(directory: DataDirectory, log: Log): Promise<Server | undefined> {
  for (let waited = 0; ; waited += POLL_MILLISECONDS) {
    const record = await readRecord(directory.cluster);
    if (!record || !(await isPostmaster(record.pid, directory.cluster, directory.account))) return undefined;
    if (record.status === 'ready') return { pid: record.pid, port: record.port };
    tellPatience(waited, `PostgreSQL (process ${record.pid}) is ${record.status || 'starting'}; waiting for it.`, log);
    await sleep(POLL_MILLISECONDS);
  }
}

/** Starts a server; undefined when a racing start was quicker. */
export async function launchServer(directory: DataDirectory, log: Log): Promise<Server | undefined> {
  await rotateLog(directory.log);
  for (let tried = 0; tried < PORTS_TRIED_MAX; tried++) {
    await putAsideStaleRecord(directory.cluster, directory.account);
    const before = await sizeOf(directory.log);
    const server = await launchOn(await freePort(), directory, log);
    if (server) return server;
    const complaint = (await readFile(directory.log)).subarray(before).toString().trim();
    if (complaint.includes('lock file "postmaster.pid" already exists')) return undefined;
    // Whoever took the port between our choosing it and the server's binding it may keep it.
    if (!complaint.includes('could not create any TCP/IP sockets')) {
      throw new EmbeddedDatabaseError(
        `PostgreSQL did not start on ${directory.cluster}: ${complaint.slice(-2000)} ` +
          `(more in ${directory.log}). Mend that and start again, or ${OWN_SERVER_HINT}.`,
      );
    }
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL found no free port on 127.0.0.1 in ${PORTS_TRIED_MAX} tries (see ${directory.log}). ` +
      `Free some ports, or ${OWN_SERVER_HINT}.`,
  );
}

/** Shuts the server down in order, which rolls back what is open, and returns when its process is gone. */
export async function stopServer({ pid }: Server, directory: DataDirectory, log: Log): Promise<void> {
  if (await signalUntilGone(pid, 'SIGINT', directory, FAST_STOP_MILLISECONDS_MAX)) return;
  log(`PostgreSQL (process ${pid}) did not stop in ${FAST_STOP_MILLISECONDS_MAX / 1000} s; stopping it at once.`);
  if (await signalUntilGone(pid, 'SIGQUIT', directory, PATIENCE_MILLISECONDS)) return;
  throw new EmbeddedDatabaseError(
    `PostgreSQL (process ${pid}) of ${directory.cluster} does not stop. See ${directory.log}, then stop it with ` +
      `"kill -QUIT ${pid}"; the next start recovers the data.`,
  );
}

async function signalUntilGone(
  pid: number,
  signal: 'SIGINT' | 'SIGQUIT',
  { cluster, account }: DataDirectory,
  millisecondsMax: number,
): Promise<boolean> {
  for (let waited = 0; waited <= millisecondsMax; waited += POLL_MILLISECONDS) {
    if (!(await isPostmaster(pid, cluster, account))) return true;
    if (waited === 0 && processExists(pid)) process.kill(pid, signal);
    await sleep(POLL_MILLISECONDS);
  }
  return false;
}

async function launchOn(port: number, directory: DataDirectory, log: Log): Promise<Server | undefined> {
  const output = await open(directory.log, 'a', 0o600);
  // Detached means a session of its own: Ctrl-C in the terminal reaches Parley only, which then stops the server.
  const child = spawn(directory.programs.postgres, serverArguments(directory.cluster, port), {
    ...processOptionsOf(directory.account),
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  });
  const ended = new Promise<undefined>((resolve) => {
    child.once('exit', () => resolve(undefined));
    child.once('error', (error) => void output.write(`${error.message}\n`).then(() => resolve(undefined)));
  });
  try {
    return await Promise.race([ended, readyServer(child.pid, directory, log)]);
  } finally {
    child.unref(); // From here on the server does not keep our process alive, nor needs it.
    await output.close();
  }
}

/** Recovery after a crash takes what it takes, so there is no limit while the process lives. */
async function readyServer(
  pid: number | undefined,
  { cluster, account }: DataDirectory,
  log: Log,
): Promise<Server | undefined> {
  for (let waited = 0; ; waited += POLL_MILLISECONDS) {
    const record = await readRecord(cluster);
    if (record?.pid === pid && record?.status === 'ready') return { pid: record.pid, port: record.port };
    tellPatience(waited, 'PostgreSQL is still starting; it may be recovering from a crash.', log);
    await sleep(POLL_MILLISECONDS);
    if (pid === undefined || !(await isPostmaster(pid, cluster, account))) return new Promise(() => undefined);
  }
}

/** All settings are given here rather than in postgresql.conf, so that an upgrade of Parley reaches old clusters. */
function serverArguments(cluster: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    logging_collector: 'off',
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function rotateLog(path: string): Promise<void> {
  if ((await sizeOf(path)) > LOG_BYTES_MAX) await rename(path, `${path}.1`);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function tellPatience(waited: number, line: string, log: Log): void {
  if (waited > 0 && waited % PATIENCE_MILLISECONDS === 0) log(line);
}

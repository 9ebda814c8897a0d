import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { DATABASE_USER, ensureCluster, sweepDrafts } from './cluster.js';
import { openDataDirectory, type DataDirectory } from './data-directory.js';
import { DirectoryHeldError, EmbeddedDatabaseError, OWN_SERVER_HINT } from './embedded-database-error.js';
import { ensureDatabase, holdServer } from './hold.js';
import { findPrograms } from './programs.js';
import { serverAccount } from './server-account.js';
import { findServer, launchServer, stopServer, type Server } from './server.js';

/** Where the database lives, and who is told what becomes of it. */
export interface EmbeddedDatabaseOptions {
  /** Holds the cluster, its password and its log; made when absent. */
  directory: string;
  log?: (line: string) => void;
  /** Called once when the hold on the database is lost, after which another Parley may take it: the service must stop. */
  onLost?: (error: EmbeddedDatabaseError) => void;
}

/** A PostgreSQL server of our own that is ready and that nobody else uses. */
export interface EmbeddedDatabase {
  /** Connects to the database "parley" as its owner, who is a superuser. */
  url: string;
  port: number;
  /** False when the server was found running, left by a Parley that was killed. */
  startedHere: boolean;
  /** Stops the server and returns when its process is gone. */
  stop(): Promise<void>;
}

interface Held {
  server: Server;
  client: Client;
  startedHere: boolean;
}

const DATABASE = 'parley';
const HOLD_PAUSE_MILLISECONDS = 25;
const HOLD_TRIES_MAX = 1200;

/**
 * Starts PostgreSQL on the directory, or takes over the server that a killed Parley left running on it. The one lock
 * that decides is the holder's, in the server itself; everything before it is safe to do twice at once.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { log = () => undefined, onLost = () => undefined } = options;
  try {
    const directory = await openDataDirectory(options.directory, await serverAccount(), await findPrograms());
    await ensureCluster(directory, log);
    const held = await startAndHold(directory, log);
    return await handOver(held, directory, { directory: options.directory, log, onLost });
  } catch (error) {
    throw explained(error, options.directory);
  }
}

async function startAndHold(directory: DataDirectory, log: (line: string) => void): Promise<Held> {
  for (let tried = 0; tried < HOLD_TRIES_MAX; tried++) {
    const found = await findServer(directory, log);
    const server = found ?? (await launchServer(directory, log));
    const client = server && (await holdOrStop(server, directory, { launched: !found, log }));
    if (server && client) return { server, client, startedHere: !found };
    await sleep(HOLD_PAUSE_MILLISECONDS);
  }
  throw new EmbeddedDatabaseError(
    `The database in ${directory.cluster} runs but does not answer. See ${directory.log}, or ${OWN_SERVER_HINT}.`,
  );
}

/** A server that we launched and cannot even enter must not outlive our failure; one that another holds must. */
async function holdOrStop(
  server: Server,
  directory: DataDirectory,
  { launched, log }: { launched: boolean; log: (line: string) => void },
): Promise<Client | undefined> {
  try {
    return await holdServer(server, directory);
  } catch (error) {
    if (launched && !(error instanceof DirectoryHeldError)) await stopServer(server, directory, log);
    throw error;
  }
}

async function handOver(
  { server, client, startedHere }: Held,
  directory: DataDirectory,
  { log, onLost }: Required<EmbeddedDatabaseOptions>,
): Promise<EmbeddedDatabase> {
  let lost = false;
  let stopping: Promise<void> | undefined;
  client.once('end', () => {
    if (stopping) return;
    lost = true;
    onLost(
      new EmbeddedDatabaseError(`The connection that holds ${directory.path} ended: PostgreSQL died or was stopped.`),
    );
  });
  const stop = async () => {
    const holder = lost ? await holdServer(server, directory).catch(() => undefined) : client;
    // Without the hold the server may be another Parley's by now, so it is left alone.
    if (holder) await stopServer(server, directory, log);
    await holder?.end().catch(() => undefined);
  };
  const url = `postgresql://${DATABASE_USER}:${directory.password}@127.0.0.1:${server.port}/${DATABASE}`;
  const database = { url, port: server.port, startedHere, stop: () => (stopping ??= stop()) };
  try {
    await ensureDatabase(client, DATABASE);
    await sweepDrafts(directory);
  } catch (error) {
    await database.stop();
    throw error;
  }
  log(`PostgreSQL ${startedHere ? 'started' : 'was still running and is taken over'} on 127.0.0.1:${server.port}.`);
  return database;
}

function explained(error: unknown, directory: string): unknown {
  if (error instanceof EmbeddedDatabaseError || !(error instanceof Error)) return error;
  return new EmbeddedDatabaseError(
    `The embedded database cannot use ${directory}: ${error.message}. ` +
      `Mend that, or point PARLEY_DATA to another directory, or ${OWN_SERVER_HINT}.`,
    { cause: error },
  );
}

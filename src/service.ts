import 'reflect-metadata';
import { INestApplication } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { Logger } from 'nestjs-pino';
import { DataSource } from 'typeorm';
import { FirstStart } from './access/first-start.js';
import { LoginAttempts } from './access/login-attempts.js';
import { Sweeper } from './agreements/sweep/sweeper.js';
import { AppModule, Surroundings } from './app.module.js';
import { takesLogs } from './campaigns/runs/import/log-body.guard.js';
import { applicationOptions, applicationRole, ownerDataSource } from './data-source.js';
import { secretScanningPath } from './findings/leaks/leak-report.js';
import { UnaccountedLeases } from './findings/unaccounted/unaccounted-leases.service.js';
import { AssumedUse } from './gateway/assumed-use.js';
import { describeGateway } from './gateway/gateway.openapi.js';
import { GatewayServer } from './gateway/gateway.server.js';
import { LapsedPlaces } from './gateway/lapsed-places.js';
import { drainable } from './http/drain.js';
import { openApiDocument, serveOpenApi } from './http/openapi.js';
import { openRequestContext } from './http/request-context.middleware.js';
import { strictJsonBody } from './http/strict-body.middleware.js';
import { Clock, minute, second, SystemClock } from './kernel/clock.js';
import { Configuration } from './kernel/configuration.js';
import { serviceSecrets } from './secret-files.js';
import { usageEventsPath } from './usage/usage-body.js';

/** The paths whose routes read their own body. */
const readsOwnBody: readonly string[] = [usageEventsPath, secretScanningPath];

/** For how long a process that stops still takes questions of those who are connected, in milliseconds. */
const leaveTime = second;

/** A database to serve from, and how to let it go. */
export interface OpenDatabase {
  url: string;
  stop: () => Promise<void>;
}

/** A running service. */
export interface Service {
  /** Where the REST API answers; null for a process that does not serve it. */
  apiUrl: string | null;
  gatewayUrl: string | null;
  /** The first administrator's invitation, on the first start of an empty database. */
  invitation: string | null;
  app: INestApplication;
  /** Answers what is under way, then lets everything go. */
  stop: () => Promise<void>;
}

/** The database that the configuration names: an external one, or the embedded one, started here. */
export async function openDatabase(
  { databaseUrl, data }: Configuration,
  onLost?: (error: Error) => void,
): Promise<OpenDatabase> {
  if (databaseUrl !== null) return { url: databaseUrl, stop: () => Promise.resolve() };
  // Nothing of the embedded database is loaded where another one is named.
  const { startEmbeddedDatabase } = await import('./database/embedded-database.js');
  return startEmbeddedDatabase({ directory: data, onLost });
}

/** Brings a database to the current schema; the names of the migrations that ran. */
export async function migrate(url: string): Promise<string[]> {
  const owner = await ownerDataSource(url).initialize();
  try {
    // Several nodes may start at once: one migrates, the others wait and find nothing left to do.
    const runner = owner.createQueryRunner();
    await runner.query("SELECT pg_advisory_lock(hashtext('parley migrations'))");
    try {
      return (await owner.runMigrations({ transaction: 'each' })).map(({ name }) => name);
    } finally {
      await runner.query("SELECT pg_advisory_unlock(hashtext('parley migrations'))");
      await runner.release();
    }
  } finally {
    await owner.destroy();
  }
}

/** Starts the roles that the configuration names on a migrated database. */
export async function startService(
  configuration: Configuration,
  databaseUrl: string,
  clock: Clock = new SystemClock(),
): Promise<Service> {
  const { databaseAppUrl, databasePoolMax, role, host } = configuration;
  const database = applicationOptions(databaseAppUrl ?? databaseUrl, databasePoolMax, databaseAppUrl !== null);
  const app = await createApplication({ configuration, clock, database, ...serviceSecrets(configuration) });
  await assertBoundRole(app);
  const apiUrl = serves(role, 'api') ? await listen(app, configuration) : (await app.init(), null);
  const gateway = app.get(GatewayServer);
  const gatewayUrl = serves(role, 'gateway')
    ? urlOf(host, await gateway.listen(configuration.gatewayPort, host))
    : null;
  app.useLogger(app.get(Logger));
  const drain = drainable(app.getHttpServer());
  const housekeeping = serves(role, 'worker') ? keepHouse(app) : undefined;
  const stop = async () => {
    await Promise.all([gateway.close(leaveTime), apiUrl && drain(leaveTime), housekeeping?.()]);
    await app.close();
  };
  return { apiUrl, gatewayUrl, invitation: apiUrl && (await app.get(FirstStart).invite()), app, stop };
}

/** Refuses to serve as a role that could rewrite the log: the database must hold the promise, not this program. */
async function assertBoundRole(app: INestApplication): Promise<void> {
  const rows: { role: string; unbound: boolean }[] = await app
    .get(DataSource)
    .query("SELECT current_user AS role, has_table_privilege('audit_entry', 'UPDATE') AS unbound");
  const { role, unbound } = rows[0]!;
  if (!unbound) return;
  await app.close();
  throw new Error(`The database role ${role} may change the audit log; serve as a plain member of ${applicationRole}.`);
}

/** The application, complete but for listening. */
export async function createApplication(surroundings: Surroundings): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.within(surroundings), {
    bodyParser: false,
    // Until it serves, only trouble is worth a line; from then on everything is logged as structured lines.
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.set('etag', false);
  app.set('trust proxy', surroundings.configuration.trustedProxies);
  app.set('query parser', 'simple');
  app.use(helmet());
  app.use(openRequestContext);
  app.use(strictJsonBody((path) => readsOwnBody.includes(path) || takesLogs(path)));
  serveOpenApi(app, openApiDocument(app, describeGateway));
  return app;
}

function serves(role: Configuration['role'], part: 'api' | 'gateway' | 'worker'): boolean {
  return role === part || role === 'all';
}

async function listen(app: INestApplication, { port, host }: Configuration): Promise<string> {
  await app.listen(port, host);
  return urlOf(host, (app.getHttpServer() as { address(): { port: number } }).address().port);
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** How often leases of lost nodes are looked for: people and the other nodes are to know of them within seconds. */
const leaseLook = 5 * second;

/**
 * The background work of a node: telling what time brings about, giving back places that nobody gives back, counting what
 * nobody reports, forgetting log-in attempts that no longer count, and looking after what lost nodes were lent.
 */
function keepHouse(app: INestApplication): () => Promise<unknown> {
  const stops = [
    repeat(app, minute, () => [
      app.get(LoginAttempts).prune(),
      app.get(LapsedPlaces).giveBack(),
      app.get(AssumedUse).assume(),
      app.get(Sweeper).sweep(),
    ]),
    repeat(app, leaseLook, () => [app.get(UnaccountedLeases).look()]),
  ];
  return () => Promise.all(stops.map((stop) => stop()));
}

/**
 * Does chores again and again, with a pause in between. What fails is told in the log and tried again by the next round;
 * no round begins before the last has ended.
 */
function repeat(app: INestApplication, pause: number, chores: () => Promise<unknown>[]): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rounds = (async () => {
    while (!signal.aborted) {
      for (const chore of await Promise.allSettled(chores())) {
        if (chore.status === 'rejected') app.get(Logger).error(chore.reason, 'housekeeping');
      }
      await setTimeout(pause, null, { signal, ref: false }).catch(() => null);
    }
  })();
  return () => {
    stopping.abort();
    return rounds;
  };
}

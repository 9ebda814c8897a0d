import { NestExpressApplication } from '@nestjs/platform-express';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { AddressInfo } from 'node:net';
import { Logger } from 'nestjs-pino';
import { inject } from 'vitest';
import { FirstStart } from '../../src/access/first-start.js';
import { Sealer } from '../../src/audit/seal.js';
import { applicationOptions } from '../../src/data-source.js';
import { GatewayServer } from '../../src/gateway/gateway.server.js';
import { Clock, SettableClock } from '../../src/kernel/clock.js';
import { readConfiguration } from '../../src/kernel/configuration.js';
import { createApplication } from '../../src/service.js';
import { databaseUrl, run } from './cluster.js';
import { handedOver, searchForSecrets } from './secrets.js';
import { enter } from './tally.js';

/** The instant at which every stage opens, unless a test says otherwise. */
export const openingInstant = new Date('2026-03-02T09:00:00Z');

/** A whole service over a fresh copy of the migrated template, with a clock that the test moves. */
export interface Stage {
  app: NestExpressApplication;
  apiUrl: string;
  gatewayUrl: string;
  clock: SettableClock;
  /** The first administrator's invitation. */
  invitation: string;
  /** The owner's connection, for looking at what is really stored. */
  ownerUrl: string;
  /** Runs SQL as the owner. */
  sql: <Row = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>;
  /** Stops; fails where a secret that was issued is anywhere but in the answer that issued it. */
  stop: () => Promise<void>;
}

interface StageOptions {
  at?: Date;
  /** In place of one that stands still at `at`. */
  clock?: SettableClock;
  environment?: NodeJS.ProcessEnv;
}

/** Makes a database from the template and serves the application over it, on free ports. */
export async function openStage({
  at = openingInstant,
  clock = new SettableClock(at),
  environment = {},
}: StageOptions = {}): Promise<Stage> {
  const name = `${inject('template')}_${randomBytes(4).toString('hex')}`;
  const clusterUrl = inject('clusterUrl');
  await run(clusterUrl, `CREATE DATABASE ${name} TEMPLATE ${inject('template')}`);
  const ownerUrl = databaseUrl(clusterUrl, name);
  const app = await applicationOver(ownerUrl, clock, { environment });
  await app.listen(0, '127.0.0.1');
  const gateway = app.get(GatewayServer);
  const port = (app.getHttpServer().address() as AddressInfo).port;
  const invitation = (await app.get(FirstStart).invite())!;
  handedOver(invitation);
  return {
    app,
    apiUrl: `http://127.0.0.1:${port}`,
    gatewayUrl: `http://127.0.0.1:${await gateway.listen(0, '127.0.0.1')}`,
    clock,
    invitation,
    ownerUrl,
    sql: async <Row>(text: string, values?: unknown[]) => (await run(ownerUrl, text, values)).rows as Row[],
    stop: async () => {
      await gateway.close();
      await app.close();
      await letGo(name);
    },
  };
}

/** Drops a database of the tests; fails where a secret is in it, in the log or in a second answer. */
export async function letGo(name: string): Promise<void> {
  const clusterUrl = inject('clusterUrl');
  const searched = await searchForSecrets(databaseUrl(clusterUrl, name));
  await run(clusterUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  enter(inject('tally'), searched);
}

/** What may differ between applications over one database. */
interface ApplicationOptions {
  environment?: NodeJS.ProcessEnv;
  /** How many connections to the database it may have open. */
  connectionsMax?: number;
}

/** An application over a database, complete but for listening. It logs all it can, so that the log can be searched. */
export async function applicationOver(
  ownerUrl: string,
  clock: Clock,
  { environment = {}, connectionsMax = 10 }: ApplicationOptions = {},
): Promise<NestExpressApplication> {
  const app = await createApplication({
    configuration: readConfiguration({
      PARLEY_LAB_NAME: 'Example Lab Inc.',
      PARLEY_LOG_LEVEL: 'debug',
      ...environment,
    }),
    clock,
    sealer: testSealer,
    tokenSecret: testTokenSecret,
    database: applicationOptions(ownerUrl, connectionsMax, false),
  });
  app.useLogger(app.get(Logger));
  return app;
}

/** A sealing key for the tests. */
export const testSealer = Sealer.fromPem(
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
);

/** The secret under which a stage signs access tokens. */
export const testTokenSecret = Buffer.from('a secret of the tests, long enough to sign with');

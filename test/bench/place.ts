import { INestApplication } from '@nestjs/common';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contract, Setting, signContract } from '../../src/demo/contract.js';
import { day, SettableClock } from '../../src/kernel/clock.js';
import { readConfiguration } from '../../src/kernel/configuration.js';
import { migrate, openDatabase, startService } from '../../src/service.js';
import { tell } from './measure.js';

/** A service with a signed agreement and three keys, to measure on. */
export interface Place extends Contract {
  app: INestApplication;
  apiUrl: string;
  databaseUrl: string;
  clock: SettableClock;
  /** The settings by which another process of Parley joins this one. */
  environment: Record<string, string>;
}

/** A fresh service over a database of its own, with a daily limit on requests to the code model or quotas given. */
export async function onPlace<T>(
  codeRequests: number,
  measure: (place: Place) => Promise<T>,
  quotas?: Setting['quotas'],
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  // As root the database runs as another user, who must be able to walk through to its own directory.
  chmodSync(directory, 0o711);
  const settings = {
    PARLEY_DATA: join(directory, 'data'),
    PARLEY_PORT: '0',
    PARLEY_GATEWAY_PORT: '0',
    PARLEY_LOG_LEVEL: 'error',
  };
  const configuration = readConfiguration(settings);
  tell('A fresh database and service start.');
  const database = await openDatabase(configuration);
  try {
    await migrate(database.url);
    const clock = new SettableClock(new Date());
    const service = await startService(configuration, database.url, clock);
    try {
      const from = clock.now();
      const until = new Date(from.getTime() + 25 * day);
      const { app, invitation } = service;
      const apiUrl = service.apiUrl!;
      const people = { apiUrl, clock, invitation: invitation!, tell: () => undefined };
      const contract = await signContract({ ...people, from, until, codeRequests, quotas });
      const environment = { ...settings, DATABASE_URL: database.url };
      return await measure({ ...contract, app, apiUrl, databaseUrl: database.url, clock, environment });
    } finally {
      await service.stop();
    }
  } finally {
    await database.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

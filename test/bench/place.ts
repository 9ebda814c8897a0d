import { INestApplication } from '@nestjs/common';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contract, signContract } from '../../src/demo/contract.js';
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
}

/** A fresh service over a database of its own, with a daily limit on requests to the code model. */
export async function onPlace<T>(codeRequests: number, measure: (place: Place) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  // As root the database runs as another user, who must be able to walk through to its own directory.
  chmodSync(directory, 0o711);
  const configuration = readConfiguration({
    PARLEY_DATA: join(directory, 'data'),
    PARLEY_PORT: '0',
    PARLEY_GATEWAY_PORT: '0',
    PARLEY_LOG_LEVEL: 'error',
  });
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
      const setting = { apiUrl, clock, invitation: invitation!, from, until, codeRequests, tell: () => undefined };
      return await measure({ ...(await signContract(setting)), app, apiUrl, databaseUrl: database.url, clock });
    } finally {
      await service.stop();
    }
  } finally {
    await database.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

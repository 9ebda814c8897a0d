import { randomBytes } from 'node:crypto';
import { chmod, chown, link, mkdir, mkdtemp, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedDatabaseError, OWN_SERVER_HINT } from './embedded-database-error.js';
import { codeOf } from './error-code.js';
import type { Programs } from './programs.js';
import { runAs, userNameOf, type ServerAccount } from './server-account.js';

/** A data directory that was found fit for use, and what lies where in it. */
export interface DataDirectory {
  path: string;
  /** PostgreSQL's own directory; it need not exist yet. */
  cluster: string;
  log: string;
  password: string;
  account: ServerAccount;
  programs: Programs;
}

/** Makes or checks the directory, and refuses with a remedy when the server's user could not work in it. */
export async function openDataDirectory(
  directory: string,
  account: ServerAccount,
  programs: Programs,
): Promise<DataDirectory> {
  await makeDirectory(resolve(directory), account);
  const path = await realpath(directory);
  const cluster = join(path, 'postgres');
  const fresh = !(await standsAndIsOurs(cluster, account));
  await refuseBlockedPaths(path, account, programs);
  await refuseOtherVersion(cluster, account, programs);
  const password = await readOrMakePassword(cluster, account, fresh);
  return { path, cluster, log: join(path, 'postgres.log'), password, account, programs };
}

/** Whether a cluster is there. PostgreSQL's own mark is looked for, since an empty directory may have been prepared. */
export async function clusterStands(cluster: string): Promise<boolean> {
  return exists(join(cluster, 'PG_VERSION'));
}

/** Pushes a directory's entries to the disk, so that a rename or link in it survives a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

/** A new directory appears under its name with its final mode, so that a racing start never meets a half-made one. */
async function makeDirectory(path: string, account: ServerAccount): Promise<void> {
  if (await exists(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const made = await mkdtemp(`${path}.new-`);
  if (account.switched) {
    // The server's user may pass through, and neither list nor change what lies here.
    await chown(made, process.geteuid?.() ?? -1, account.gid);
    await chmod(made, 0o710);
  }
  try {
    await rename(made, path);
  } catch (error) {
    await rm(made, { recursive: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return Boolean(await stat(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function standsAndIsOurs(cluster: string, account: ServerAccount): Promise<boolean> {
  const stands = await clusterStands(cluster).catch(async (error: unknown) => {
    throw codeOf(error) === 'EACCES' ? await notOurs(dirname(cluster), account, await ownerOf(cluster)) : error;
  });
  const owner = stands ? await ownerOf(cluster) : account.uid;
  // An ordinary user needs the password beside the cluster as well, so the whole directory has to change hands.
  if (owner !== account.uid) throw await notOurs(account.switched ? cluster : dirname(cluster), account, owner);
  return stands;
}

async function ownerOf(path: string): Promise<number> {
  const { uid } = await stat(path).catch(() => stat(dirname(path)));
  return uid;
}

async function notOurs(path: string, account: ServerAccount, uid: number): Promise<EmbeddedDatabaseError> {
  const owner = await userNameOf(uid);
  const who = account.switched
    ? `Parley runs as root, whose database runs as "${account.name}"`
    : `Parley runs as "${account.name}"`;
  return new EmbeddedDatabaseError(
    `The database in ${path} belongs to "${owner}", but ${who}: another user started Parley here before. Start it as that user again ` +
      `(as root, if root did), or stop it and hand the directory over with "chown -R ${account.name} ${path}", ` +
      `or point PARLEY_DATA to another directory, or ${OWN_SERVER_HINT}.`,
  );
}

/** Asks the operating system as the server's user, because modes, access lists and mounts all have a say. */
async function refuseBlockedPaths(path: string, account: ServerAccount, programs: Programs): Promise<void> {
  if (!account.switched) return;
  const wanted = [...ancestors(path), path, ...ancestors(programs.postgres)];
  const script = 'for each; do [ -x "$each" ] || { printf %s "$each"; exit 0; }; done';
  const { succeeded, output, complaint } = await runAs(account, '/bin/sh', ['-c', script, 'sh', ...wanted]);
  const advice = `or run Parley as an ordinary user, or ${OWN_SERVER_HINT}.`;
  if (!succeeded) {
    throw new EmbeddedDatabaseError(
      `Parley runs as root and may not start its database as the user "${account.name}" (${complaint}). ` +
        `Let it switch users, ${advice}`,
    );
  }
  if (output === '') return;
  const behind = programs.postgres.startsWith(`${output}/`)
    ? 'PostgreSQL itself in node_modules lies behind it. Install Parley elsewhere'
    : 'the data directory lies in it. Point PARLEY_DATA to a directory elsewhere';
  throw new EmbeddedDatabaseError(
    `Parley runs as root, so its database runs as the user "${account.name}", who may not enter ${output}, and ` +
      `${behind}, or run "chmod o+x ${output}", ${advice}`,
  );
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...ancestors(parent), parent];
}

async function refuseOtherVersion(cluster: string, account: ServerAccount, programs: Programs): Promise<void> {
  const { succeeded, output, complaint } = await runAs(account, programs.postgres, ['--version']);
  if (!succeeded) {
    throw new EmbeddedDatabaseError(
      `The PostgreSQL that Parley brings does not run on this machine: ${complaint}. ` +
        `Run "npm rebuild" so that its libraries are linked, or ${OWN_SERVER_HINT}.`,
    );
  }
  const ours = /\) (\d+)/.exec(output)?.[1];
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => ours))?.trim();
  if (made === ours) return;
  throw new EmbeddedDatabaseError(
    `The database in ${cluster} was made by PostgreSQL ${made}, and this Parley brings PostgreSQL ${ours}. Run the ` +
      `Parley that made it, move its data with pg_dump and pg_restore, or ${OWN_SERVER_HINT}.`,
  );
}

async function readOrMakePassword(cluster: string, account: ServerAccount, fresh: boolean): Promise<string> {
  const path = join(dirname(cluster), 'database-password');
  const found = await readPassword(path, account);
  if (found) return found;
  if (!fresh) {
    throw new EmbeddedDatabaseError(
      `${path} is missing or empty, and the database in ${cluster} opens only with the password that it held. ` +
        `Put the file back from a backup; or, to begin anew without the data, move ${cluster} away.`,
    );
  }
  if (found === '') await rm(path); // Not ours: Parley never leaves an empty one.
  // Linking is atomic and never replaces: of two racing starts, both end up with the same whole password.
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  await handle.writeFile(randomBytes(32).toString('base64url'));
  await handle.sync().finally(() => handle.close());
  await link(draft, path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await rm(draft);
  await syncDirectory(dirname(path));
  return (await readPassword(path, account)) ?? '';
}

async function readPassword(path: string, account: ServerAccount): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw codeOf(error) === 'EACCES' ? await notOurs(dirname(path), account, await ownerOf(path)) : error;
  }
}

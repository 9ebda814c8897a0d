import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { EmbeddedDatabaseError, OWN_SERVER_HINT } from './embedded-database-error.js';

/** The operating system's user as whom the database server runs. */
export interface ServerAccount {
  name: string;
  uid: number;
  gid: number;
  /** True when Parley runs as root and the server as somebody else, because PostgreSQL refuses root. */
  switched: boolean;
}

/** What a program said and how it ended. */
export interface Outcome {
  succeeded: boolean;
  output: string;
  complaint: string;
}

/** Settles as whom the server runs: as ourselves, or, when we are root, as a user made for it. */
export async function serverAccount(name = 'postgres'): Promise<ServerAccount> {
  const uid = process.geteuid?.() ?? -1;
  if (uid !== 0) return { name: ownName(uid), uid, gid: process.getegid?.() ?? -1, switched: false };
  return (await lookUp(name)) ?? (await create(name));
}

/** How a child process is started as the account: nothing of our environment but what a server needs. */
export function processOptionsOf(account: ServerAccount) {
  return {
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    ...(account.switched ? { uid: account.uid, gid: account.gid } : {}),
  };
}

/** Runs a program to its end as the account. It never rejects: a failure is an outcome. */
export async function runAs(account: ServerAccount, program: string, parameters: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    // spawn throws at once for some refusals (EPERM for a root without the right to switch users); the promise's
    // constructor would turn that into a rejection, hence the try.
    try {
      execFile(program, parameters, processOptionsOf(account), (error, output, complaint) =>
        resolve({ succeeded: !error, output, complaint: complaint.trim() || (error?.message ?? '') }),
      );
    } catch (error) {
      resolve({ succeeded: false, output: '', complaint: String(error) });
    }
  });
}

/** The name of a user id, for messages. */
export async function userNameOf(uid: number): Promise<string> {
  const { succeeded, output } = await runAs(ourselves(), 'id', ['-nu', String(uid)]);
  return succeeded ? output.trim() : `user id ${uid}`;
}

async function lookUp(name: string): Promise<ServerAccount | undefined> {
  const uid = await runAs(ourselves(), 'id', ['-u', name]);
  const gid = await runAs(ourselves(), 'id', ['-g', name]);
  if (!uid.succeeded || !gid.succeeded) return undefined;
  return { name, uid: Number(uid.output), gid: Number(gid.output), switched: true };
}

async function create(name: string): Promise<ServerAccount> {
  // Both may fail because another start was quicker; only what stands afterwards counts.
  const group = await runAs(ourselves(), 'groupadd', ['--system', name]);
  const user = await runAs(ourselves(), 'useradd', [
    '--system',
    `--gid=${name}`,
    '--no-create-home',
    '--home-dir=/nonexistent',
    '--shell=/bin/false',
    name,
  ]);
  const account = await lookUp(name);
  if (account) return account;
  throw new EmbeddedDatabaseError(
    `PostgreSQL refuses to run as root, and the operating system's user "${name}" that should run it could not be ` +
      `created (${user.complaint || group.complaint}). Create that user, or run Parley as an ordinary user, ` +
      `or ${OWN_SERVER_HINT}.`,
  );
}

function ourselves(): ServerAccount {
  return { name: '', uid: -1, gid: -1, switched: false };
}

function ownName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return `user id ${uid}`; // A container may run under a number that no password file knows.
  }
}

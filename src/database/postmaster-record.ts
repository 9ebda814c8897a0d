import { link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './error-code.js';
import { runAs, type ServerAccount } from './server-account.js';

/** What a server writes about itself into postmaster.pid, as far as it has got. */
export interface PostmasterRecord {
  pid: number;
  port: number;
  status: string;
  text: string;
}

/** Reads the record of the server that runs, or ran, on the cluster. */
export async function readRecord(cluster: string): Promise<PostmasterRecord | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!(pid > 0)) return undefined;
  return { pid, port: Number(lines[3]), status: lines[7] ?? '', text };
}

/** Whether that process is the server of this cluster: a number alone may long belong to another process. */
export async function isPostmaster(pid: number, cluster: string, account: ServerAccount): Promise<boolean> {
  if (!processExists(pid)) return false;
  return `${await commandLine(pid, account)} `.includes(` -D ${cluster} `);
}

/**
 * Puts a record aside whose process number now belongs to a process that is not the server; PostgreSQL would take
 * that process for a running server and refuse to start. Should two servers ever start at once in spite of this,
 * PostgreSQL's second interlock, shared memory keyed by the directory's inode, stops the later one.
 */
export async function putAsideStaleRecord(cluster: string, account: ServerAccount): Promise<void> {
  const record = await readRecord(cluster);
  if (!record || !processExists(record.pid) || (await isPostmaster(record.pid, cluster, account))) return;
  const path = join(cluster, 'postmaster.pid');
  const aside = `${path}.stale-${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  const taken = await readFile(aside, 'utf8').catch(() => record.text);
  // A racing start may have written its own record in between; that one is put back.
  if (taken !== record.text) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Whether the number belongs to a process, whoever's it is. */
export function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Empty for a process that is gone, and for one that is dead but not yet reaped by its parent. */
async function commandLine(pid: number, account: ServerAccount): Promise<string> {
  if (process.platform === 'linux') {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
  }
  return (await runAs(account, 'ps', ['-ww', '-o', 'command=', '-p', String(pid)])).output.trim();
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

export interface Answer {
  url?: string;
  startedHere?: boolean;
  refused?: string;
}

const children = new Set<ChildProcess>();

/** Starts a Parley in a process of its own, as another user where asked. */
export function holder(directory: string, user?: { uid: number; gid: number }) {
  const program = new URL('holder-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--no-warnings', program, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    ...user,
  });
  children.add(child);
  const exited = once(child, 'exit').finally(() => children.delete(child));
  const line = once(createInterface(child.stdout), 'line').then(([text]): Answer => JSON.parse(String(text)));
  const answer = Promise.race([line, exited.then((): Answer => ({ refused: 'It ended without a word.' }))]);
  return {
    pid: child.pid ?? 0,
    answer,
    exited,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.stdin.write('stop\n');
      await exited;
    },
  };
}

export function killHolders(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** The numbers of all processes whose command line names something under the path. */
export async function processesUnder(path: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => lines[index]?.includes(path));
}

export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tried = 0; tried < 2000; tried++) {
    if (await holds()) return;
    await sleep(5);
  }
  throw new Error('It did not become true in 10 s.');
}

import { ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { Contract, signContract } from '../../src/demo/contract.js';
import { Person } from '../../src/demo/person.js';
import { day } from '../../src/kernel/clock.js';
import { IngestAnswer } from '../../src/usage/usage.dto.js';
import { cli } from '../setup/built.js';
import { databaseUrl, run } from '../setup/cluster.js';
import { ask, question, usageEvent } from '../setup/given.js';
import { RealClock } from '../setup/real-clock.js';

interface Process {
  child: ChildProcess;
  apiUrl: string;
  gatewayUrl: string;
  invitation: string | null;
}

const batchEvents = 100;
const batches = 40;
const events = batches * batchEvents;
const admitted = 200;

let directory: string;
let database: string | null = null;
let service: Process;
const started: ChildProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-crash-'));
  // As root the database runs as another user, who must be able to walk through to its own directory.
  chmodSync(directory, 0o711);
  if (process.env.DATABASE_URL) {
    database = `${inject('template')}_${randomBytes(4).toString('hex')}`;
    await run(inject('clusterUrl'), `CREATE DATABASE ${database} TEMPLATE ${inject('template')}`);
  }
  service = await serve();
});

afterAll(async () => {
  const last = service.child;
  const over = new Promise((resolve) => last.once('exit', resolve));
  if (last.exitCode === null) {
    last.kill('SIGTERM');
    await over;
  }
  for (const child of started) child.kill('SIGKILL');
  if (database) await run(inject('clusterUrl'), `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  rmSync(directory, { recursive: true, force: true });
});

/** Starts the real command and waits until it says that it is ready. */
function serve(): Promise<Process> {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const environment = {
    ...inherited,
    ...(database && { DATABASE_URL: databaseUrl(inject('clusterUrl'), database) }),
    PARLEY_DATA: join(directory, 'data'),
    PARLEY_PORT: '0',
    PARLEY_GATEWAY_PORT: '0',
    PARLEY_LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [cli(), 'serve'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const urls = /REST API {2}(\S+)[^]*Gateway {3}(\S+)\n/.exec(said);
      const invitation = /"token":"([^"]+)"/.exec(said)?.[1] ?? null;
      const isFirst = said.includes('This database has no users');
      if (urls && isFirst === (invitation !== null)) {
        resolve({ child, apiUrl: urls[1]!, gatewayUrl: urls[2]!, invitation });
      }
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('exit', (code) => reject(new Error(`parley serve ended with ${code}: ${said}`)));
  });
}

async function contract(): Promise<Contract> {
  const { apiUrl, invitation } = service;
  const from = new Date();
  const until = new Date(from.getTime() + 2 * day);
  const clock = new RealClock();
  const setting = { apiUrl, clock, invitation: invitation!, from, until, codeRequests: 10_000 };
  return signContract({ ...setting, tell: () => undefined });
}

async function authorizations({ keys, gatewayCredential }: Contract): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: admitted }, () =>
      ask<{ authorization: string }>(`${service.gatewayUrl}/v1/authorizations`, {
        token: gatewayCredential,
        body: question(keys[0]!),
      }),
    ),
  );
  return answers.map(({ body }) => body.authorization);
}

it('killed in the middle of taking events in and started again, it has lost nothing and counts nothing twice', async () => {
  const story = await contract();
  const cited = await authorizations(story);
  const time = new Date();
  const all = Array.from({ length: batches }, (_batch, batch) =>
    Array.from({ length: batchEvents }, (_event, at) => {
      const index = batch * batchEvents + at;
      const authorization = index < admitted ? cited[index] : null;
      return usageEvent(String(index), story.keys[0]!, time, { output_tokens: index % 50, authorization });
    }),
  );
  const send = (body: object[]) =>
    ask<IngestAnswer>(`${service.apiUrl}/v1/usage-events`, { token: story.gatewayCredential, body });

  // Eight reports are always under way, so that some are cut in two when the third answer brings the kill.
  let answered = 0;
  const waiting = [...all];
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
        const answer = await send(batch).catch(() => null);
        if (answer === null) return 'cut';
        expect(answer.status).toBe(200);
        answered += 1;
        if (answered === 3) service.child.kill('SIGKILL');
      }
      return 'done';
    }),
  );
  expect(outcomes).toContain('cut');

  service = await serve();
  const again = await Promise.all(all.map(send));
  expect(again.map(({ status }) => status)).toEqual(all.map(() => 200));
  const count = (name: 'recorded' | 'duplicates') => again.reduce((sum, { body }) => sum + body[name], 0);
  // What was answered before the kill was durable, and the kill came before the end.
  expect(count('duplicates')).toBeGreaterThanOrEqual(answered * batchEvents);
  expect(count('recorded')).toBeGreaterThan(0);
  expect(count('recorded') + count('duplicates')).toBe(events);

  // The new process listens on another port, where everybody has to log in afresh.
  const { name, email } = story.cast.compliance;
  const compliance = new Person(name, email, service.apiUrl, new RealClock());
  const { lines } = await compliance.get<{ lines: { requests: number; outputTokens: number }[] }>(
    `/v1/usage?agreementId=${story.agreementId}`,
  );
  const output = all.flat().reduce((sum, _event, index) => sum + (index % 50), 0);
  expect(lines.reduce((sum, line) => sum + line.requests, 0)).toBe(events);
  expect(lines.reduce((sum, line) => sum + line.outputTokens, 0)).toBe(output);
  const windows = await compliance.all<{ quotaId: string; leased: number; used: number }>('/v1/quota-windows');
  // Summed up, because a midnight may lie between an admission and its report.
  const sum = (quota: string, of: 'leased' | 'used') =>
    windows.reduce((total, window) => total + (window.quotaId === quota ? window[of] : 0), 0);
  expect([sum('code-requests-daily', 'leased'), sum('code-requests-daily', 'used')]).toEqual([0, events]);
  expect([sum('output-tokens-daily', 'leased'), sum('output-tokens-daily', 'used')]).toEqual([0, output]);
});

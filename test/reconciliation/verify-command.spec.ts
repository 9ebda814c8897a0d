import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { day } from '../../src/kernel/clock.js';
import { cli } from '../setup/built.js';
import { ask, given, usageEvent } from '../setup/given.js';
import { openStage } from '../setup/stage.js';

let directory: string;
let statement: string;
let events: string;
let evidence: string;

beforeAll(async () => {
  cli();
  directory = mkdtempSync(join(tmpdir(), 'parley-verify-'));
  const stage = await openStage();
  const { cast, agreementId, keys, gatewayCredential } = await given.activeAgreement(stage);
  const body = [usageEvent('1', keys[0]!, stage.clock.now()), usageEvent('2', keys[1]!, stage.clock.now())];
  await ask(`${stage.apiUrl}/v1/usage-events`, { token: gatewayCredential, body });
  const date = stage.clock.now().toISOString().slice(0, 10);
  stage.clock.advance(day);
  const { compliance } = cast;
  const { id } = await compliance.post<{ id: string }>(`/v1/agreements/${agreementId}/statements`, {
    kind: 'day',
    date,
  });
  statement = await compliance.download(`/v1/statements/${id}/document`);
  events = await compliance.download(`/v1/statements/${id}/events`);
  evidence = await compliance.download(`/v1/agreements/${agreementId}/evidence`);
  await stage.stop();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function verify(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli(), 'verify', ...words], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

it('a whole statement is exit code 0, alone and with its events', () => {
  const path = file('whole.json', statement);
  expect(verify('statement', path)).toMatchObject({ status: 0, said: expect.stringContaining('is whole') });
  const withEvents = verify('statement', path, '--events', file('events.ndjson', events));
  expect(withEvents).toMatchObject({ status: 0, said: expect.stringContaining('the events are the same') });
});

it('a tampered statement is exit code 1, in a figure, in its spelling or in its seal', () => {
  const { length } = statement;
  const tampered = [
    statement.replace('"requests":2', '"requests":3'),
    statement.replace(':', ': '),
    statement.replace(/"signature":"./, (text) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')),
  ];
  for (const text of tampered) {
    expect(text === statement && length === text.length).toBe(false);
    expect(verify('statement', file('tampered.json', text))).toMatchObject({
      status: 1,
      said: expect.stringContaining('NOT to be trusted'),
    });
  }
});

it('events that are not those of the statement are exit code 1, and it says which part differs', () => {
  const path = file('whole.json', statement);
  const altered = file('altered.ndjson', events.replace('"output_tokens":50', '"output_tokens":49'));
  const { status, said } = verify('statement', path, '--events', altered);
  expect({ status, said }).toEqual({ status: 1, said: expect.stringContaining('NO   Computed again from the events') });
});

it('what cannot be used at all is exit code 2: no file, no JSON, another document, events that are none', () => {
  const path = file('whole.json', statement);
  expect(verify('statement', join(directory, 'absent.json')).status).toBe(2);
  expect(verify('statement', file('text.json', 'hello')).status).toBe(2);
  expect(verify('statement', file('empty.json', '')).status).toBe(2);
  expect(verify('statement', file('evidence.json', evidence)).status).toBe(2);
  expect(verify('statement', path, '--events', join(directory, 'absent.ndjson')).status).toBe(2);
});

it('an evidence bundle goes by the same exit codes', () => {
  expect(verify('evidence', file('evidence.json', evidence)).status).toBe(0);
  expect(verify('evidence', file('forged.json', evidence.replace('Sam Signatory', 'Sam Swindler'))).status).toBe(1);
  expect(verify('evidence', file('statement.json', statement)).status).toBe(2);
});

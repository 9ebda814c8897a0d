import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { password } from '../../src/demo/person.js';
import { ask, given, Given, letADayPass, question } from '../setup/given.js';
import { openStage, Stage, testTokenSecret } from '../setup/stage.js';

/** What answers call a secret, and how many of it the story brings forth at least. */
const issued = { token: 7, key: 3, secret: 1, accessToken: 8, refreshToken: 8 } as const;

const secrets = new Map<string, string>();
const taps = tapAnswersAndLog();

let stage: Stage;
let story: Given;
let dump: string;
let entries: string;
let log: string;

beforeAll(async () => {
  stage = await openStage({ environment: { PARLEY_LOG_LEVEL: 'debug' } });
  remember('invitation of the first administrator', stage.invitation);
  remember('password', password);
  remember('secret under which tokens are signed', testTokenSecret.toString());
  story = await given.activeAgreement(stage);
  await letADayPass(story);
  await presentSecretsWhereTheyDoNotBelong();
  dump = await everythingStored();
  entries = JSON.stringify(await story.cast.compliance.all('/v1/audit-entries'));
  log = taps.log();
});

afterAll(async () => {
  taps.remove();
  await stage.stop();
});

describe('a secret is in the answer that issues it and nowhere else', () => {
  it('the story brought forth secrets of every kind', () => {
    for (const [name, count] of Object.entries(issued)) {
      const found = [...secrets.values()].filter((kind) => kind === name).length;
      expect(found, name).toBeGreaterThanOrEqual(count);
    }
  });

  it('no table holds one, as text, as bytes or encoded', () => {
    expect(hits(dump)).toEqual([]);
    // The same look finds what may be there: the hash of a key, and its public part.
    const { key, publicId } = story.keys[0]!;
    expect(dump).toContain(createHash('sha256').update(key).digest('hex'));
    expect(dump).toContain(publicId);
  });

  it('no audit entry holds one', () => {
    expect(hits(entries)).toEqual([]);
    expect(entries).toContain(story.keys[0]!.publicId);
  });

  it('no line of the log holds one, at the most talkative level', () => {
    expect(hits(log)).toEqual([]);
    expect(log).toContain('"url":"/v1/sessions"');
    expect(log.split('\n').length).toBeGreaterThan(50);
  });
});

/** The secrets that a text holds, by their kinds. */
function hits(text: string): string[] {
  return [...secrets].flatMap(([secret, kind]) => {
    const bytes = Buffer.from(secret);
    const forms = [secret, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
    return forms.some((form) => text.includes(form)) ? [kind] : [];
  });
}

function remember(kind: string, secret: string): void {
  secrets.set(secret, kind);
}

/** People mistake one secret for another and put it where it does not belong; each of these is refused. */
async function presentSecretsWhereTheyDoNotBelong(): Promise<void> {
  const { apiUrl, gatewayUrl } = stage;
  const { key } = story.keys[0]!;
  const answers = [
    await ask(`${apiUrl}/v1/me`, { method: 'GET', token: key }),
    await ask(`${apiUrl}/v1/me`, { method: 'GET', headers: { 'X-Api-Key': key, Cookie: `session=${key}` } }),
    await ask(`${apiUrl}/v1/sessions`, { body: { email: 'ada@lab.example', password } }),
    await ask(`${apiUrl}/v1/sessions`, { body: { email: 'ada@lab.example', password, more: key } }),
    await ask(`${apiUrl}/v1/sessions/refresh`, { body: { refreshToken: key } }),
    await ask(`${apiUrl}/v1/invitations/accept`, { body: { token: stage.invitation, name: 'Ada', password } }),
    await ask(`${gatewayUrl}/v1/authorizations`, { token: key, body: question(story.keys[0]!) }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 422, 401, 410, 401]);
  const mistyped = { ...story.keys[0]!, key: `${key.slice(0, -1)}!` };
  remember('mistyped key', mistyped.key);
  const token = story.gatewayCredential;
  const { body } = await ask(`${gatewayUrl}/v1/authorizations`, { token, body: question(mistyped) });
  expect(body).toMatchObject({ decision: 'deny' });
}

/** Every row of every table as text. */
async function everythingStored(): Promise<string> {
  const tables = await stage.sql<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await stage.sql<{ line: string }>(`SELECT to_jsonb(t)::text || ' ' || t::text AS line FROM ${name} t`);
    texts.push(...rows.map(({ line }) => line), ...(await bytesStored(name)));
  }
  return texts.join('\n');
}

/** The bytes of a table as text, where they are text. */
async function bytesStored(table: string): Promise<string[]> {
  const columns = await stage.sql<{ name: string }>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 AND data_type = 'bytea'",
    [table],
  );
  const texts: string[] = [];
  for (const { name } of columns) {
    const rows = await stage.sql<{ bytes: Buffer | null }>(`SELECT ${name} AS bytes FROM ${table}`);
    texts.push(...rows.map(({ bytes }) => bytes?.toString('latin1') ?? ''));
  }
  return texts;
}

/** Listens to what answers issue and to what the log says, changing neither. */
function tapAnswersAndLog() {
  const lines: string[] = [];
  const { fetch } = globalThis;
  const { write } = process.stderr;
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request);
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    for (const [name, value] of Object.entries(body ?? {})) {
      if (Object.hasOwn(issued, name) && typeof value === 'string') remember(name, value);
    }
    return response;
  };
  process.stderr.write = (chunk: string | Uint8Array) => {
    lines.push(chunk.toString());
    return true;
  };
  const remove = () => {
    globalThis.fetch = fetch;
    process.stderr.write = write;
  };
  return { log: () => lines.join(''), remove };
}

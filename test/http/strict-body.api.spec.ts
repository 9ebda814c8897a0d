import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyBytesMax } from '../../src/http/strict-body.middleware.js';
import { vectors } from '../kernel/vectors.js';
import { Callers, callersOf } from '../setup/caller.js';
import { given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

const suite = vectors('JSONTestSuite');

const prospect = (legalName: string, more = {}) =>
  JSON.stringify({ legalName, country: 'FR', emailDomains: ['o.example'], competitor: false, contacts: [], ...more });

const bodyOf = (bytes: number) => {
  const empty = prospect('x', { more: '' });
  return prospect('x', { more: 'y'.repeat(bytes - empty.length) });
};

describe('the body of a request', () => {
  let stage: Stage;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    people = await callersOf(stage, (await given.activeAgreement(stage)).cast);
  });

  afterAll(() => stage.stop());

  async function send(bytes: Uint8Array | string, headers: Record<string, string> = {}) {
    const response = await fetch(`${stage.apiUrl}/v1/partners`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${people.partnerships.token}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
    });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text,
      body: JSON.parse(text) as Record<string, unknown>,
    };
  }

  const partners = async () => (await stage.sql('SELECT id FROM partner_organisation')).length;

  it.skipIf(suite.absent)(
    `is refused by a problem for every file of JSONTestSuite, and none is a fault${suite.note}`,
    async () => {
      const folder = fileURLToPath(new URL('test_parsing/', suite.url));
      const before = await partners();
      const names = readdirSync(folder);
      expect(names).toHaveLength(318);
      for (const name of names) {
        const { status, type, body, text } = await send(readFileSync(join(folder, name)));
        // Well-formed JSON, or no body at all, is no partner either, so it is refused for what it says; the rest for how it says it.
        const allowed = name.startsWith('n_') && name !== 'n_structure_no_data.json' ? [400] : [400, 422];
        expect(allowed, `${name}: ${status}`).toContain(status);
        expect(type, name).toBe('application/problem+json; charset=utf-8');
        expect(body.status, name).toBe(status);
        expect(text, name).not.toMatch(/node_modules|\.[jt]s:\d+|\n\s+at /);
      }
      expect(await partners()).toBe(before);
    },
  );

  it.each<[string, string]>([
    ['a list', '[]'],
    ['a list of partners', `[${prospect('Listed GmbH')}]`],
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"text"'],
    ['true', 'true'],
    ['nothing but spaces', '   '],
  ])('is an object: %s is refused', async (_, text) => {
    const { status, body } = await send(text);
    expect([400, 422]).toContain(status);
    expect(body.code).toMatch(/^(malformed|invalid)_request$/);
  });

  it('tells where a duplicate key, an unsafe integer, __proto__ or a lone surrogate stands', async () => {
    const cases = [
      ['{"a":{"b":1,"b":2}}', '/a'],
      ['{"a":[9007199254740993]}', '/a/0'],
      ['{"x":{"__proto__":{"admin":true}}}', '/x'],
      [String.raw`{"x":"\ud800"}`, '/x'],
    ];
    for (const [text, pointer] of cases) {
      expect(await send(text!)).toMatchObject({ status: 400, body: { code: 'malformed_request', pointer } });
    }
  });

  it('is UTF-8 through and through: a wrong byte is refused, not replaced', async () => {
    const [head, tail] = prospect('@').split('@');
    for (const bytes of [
      [0xff],
      [0xc3, 0x28],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xc0, 0xaf],
      [0xe2, 0x82],
    ]) {
      const body = Buffer.concat([Buffer.from(head!), Buffer.from(bytes), Buffer.from(tail!)]);
      expect((await send(body)).status, bytes.toString()).toBe(400);
    }
    expect(
      (await send(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(prospect('Bom GmbH'))]))).status,
    ).toBe(400);
    expect((await send(prospect('Größe 試験 🧪'))).body.legalName).toBe('Größe 試験 🧪');
  });

  it('is not read in another character set', async () => {
    for (const charset of ['utf-16', 'utf-16le', 'utf-7', 'iso-8859-1', 'windows-1252', 'nonsense']) {
      const { status } = await send(prospect('Charset GmbH'), {
        'Content-Type': `application/json; charset=${charset}`,
      });
      expect(status, charset).toBe(415);
    }
    const accepted = { 'Content-Type': 'application/json; charset="UTF-8"' };
    expect((await send(prospect('Quoted charset GmbH'), accepted)).status).toBe(201);
  });

  it('has at most a megabyte', async () => {
    expect((await send(bodyOf(bodyBytesMax))).status).toBe(422);
    expect(await send(bodyOf(bodyBytesMax + 1))).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  it('may be gzip, which is measured by what it becomes', async () => {
    const headers = { 'Content-Encoding': 'gzip' };
    expect((await send(gzipSync(prospect('Gzip GmbH')), headers)).status).toBe(201);
    const bomb = gzipSync(Buffer.alloc(200 * bodyBytesMax, 0x20));
    const memory = process.memoryUsage().rss;
    expect(bomb.length).toBeLessThan(bodyBytesMax);
    expect((await send(bomb, headers)).status).toBe(413);
    expect(process.memoryUsage().rss - memory).toBeLessThan(100 * bodyBytesMax);
  });

  it('whose encoding is a lie is refused', async () => {
    expect((await send(prospect('Lie GmbH'), { 'Content-Encoding': 'gzip' })).status).toBe(400);
    expect((await send(gzipSync(prospect('Cut GmbH')).subarray(0, 20), { 'Content-Encoding': 'gzip' })).status).toBe(
      400,
    );
    expect((await send(gzipSync(prospect('Unsaid GmbH')))).status).toBe(400);
    expect((await send(deflateSync('x'), { 'Content-Encoding': 'compress' })).status).toBe(415);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    'json',
    '',
    '*/*',
  ])('of the type %j is refused with 415', async (type) => {
    const { status, body } = await send(prospect('Typed GmbH'), { 'Content-Type': type });
    expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('refuses a million brackets for what they are, without falling over them', async () => {
    expect((await send('['.repeat(1_000_000))).status).toBe(400);
    expect((await send(`{"a":`.repeat(200_000))).status).toBe(400);
  });
});

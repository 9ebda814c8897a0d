import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minute } from '../../src/kernel/clock.js';
import { vectors } from '../kernel/vectors.js';
import { Caller, Callers, callersOf, countStatuses, inParallel } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

const fields = vectors('structured-field-tests');

interface Field {
  name: string;
  raw: string[];
  must_fail?: boolean;
  expected?: [value: string];
}

const keyed = (key: string = randomUUID()) => ({ 'Idempotency-Key': `"${key}"` });

const prospect = (legalName: string) => ({
  legalName,
  country: 'FR',
  emailDomains: ['other.example'],
  competitor: false,
  contacts: [],
});

const read = (name: string) => JSON.parse(readFileSync(new URL(name, fields.url), 'utf8')) as Field[];

describe('an Idempotency-Key', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const partnersNamed = (legalName: string) =>
    stage.sql('SELECT id FROM partner_organisation WHERE legal_name = $1', [legalName]);

  /** As a process that claimed a key and died before its change was written leaves it. */
  async function abandonClaim(caller: Caller, key: string, fingerprintOf: { path: string; body: object }) {
    await caller.post(fingerprintOf.path, fingerprintOf.body, keyed(key));
    await stage.sql('UPDATE idempotency_key SET status = NULL, body = NULL, attempt = $2 WHERE key = $1', [
      key,
      randomUUID(),
    ]);
  }

  it('replays the first answer: the same status and bytes, one effect', async () => {
    const headers = keyed();
    const send = () => rawPost('/v1/partners', people.partnerships.token!, prospect('Once GmbH'), headers);
    const [first, second] = [await send(), await send()];
    expect(first.status).toBe(201);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect([first.replayed, second.replayed]).toEqual([undefined, 'true']);
    expect(await partnersNamed('Once GmbH')).toHaveLength(1);
  });

  it('replays a refusal too, even when the request would now succeed', async () => {
    const headers = keyed();
    const body = { ...prospect('Refused GmbH'), country: 'Germany' };
    const first = await people.partnerships.post('/v1/partners', body, headers);
    const second = await people.partnerships.post('/v1/partners', body, headers);
    expect(first).toMatchObject({ status: 422, body: { pointer: '/country' } });
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('content-type')).toContain('application/problem+json');

    const { id } = (await people.partnerships.post('/v1/partners', prospect('Later GmbH'))).body;
    const submission = keyed();
    const path = `/v1/partners/${String(id)}/submission`;
    const refused = await people.partnerships.post(path, undefined, submission);
    const contacts = ['signatory', 'notice'].map((kind) => ({ kind, name: 'Office', email: 'a@other.example' }));
    await people.partnerships.put(`/v1/partners/${String(id)}`, { ...prospect('Later GmbH'), contacts });
    expect((await people.partnerships.post(path, undefined, submission)).body).toEqual(refused.body);
    expect(refused.status).toBe(422);
    expect((await people.partnerships.post(path, undefined, keyed())).status).toBe(201);
  });

  it('refuses another body, another route or another query under the same key', async () => {
    const headers = keyed();
    expect((await people.partnerships.post('/v1/partners', prospect('First GmbH'), headers)).status).toBe(201);
    const others = [
      await people.partnerships.post('/v1/partners', prospect('Second GmbH'), headers),
      await people.partnerships.post('/v1/partners?again', prospect('First GmbH'), headers),
      await people.partnerships.post('/v1/agreements', prospect('First GmbH'), headers),
    ];
    for (const { status, body } of others) expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
    expect(await partnersNamed('Second GmbH')).toHaveLength(0);
  });

  it('takes a body for the same whatever the order of its members', async () => {
    const headers = keyed();
    const body = prospect('Reordered GmbH');
    const reversed = Object.fromEntries(Object.entries(body).toReversed());
    const first = await people.partnerships.post('/v1/partners', body, headers);
    expect((await people.partnerships.post('/v1/partners', reversed, headers)).body).toEqual(first.body);
  });

  it('belongs to one person: the same key of another is another request', async () => {
    const headers = keyed();
    const path = '/v1/gateway-credentials';
    const revisor = { scope: 'agreement', reasonCode: 'security', reason: 'Two people, one key.' };
    const stop = `/v1/agreements/${story.agreementId}/suspensions`;
    const one = await people.compliance.post<{ id: string }>(stop, revisor, headers);
    const other = await people.approver.post<{ id: string }>(stop, revisor, headers);
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(one.body.id).not.toBe(other.body.id);
    expect((await people.admin.post(path, { name: 'eu-9' }, headers)).status).toBe(201);
  });

  it('shows a secret in the first answer only', async () => {
    const headers = keyed();
    const send = () => people.admin.post('/v1/gateway-credentials', { name: 'eu-2' }, headers);
    const [first, second] = [await send(), await send()];
    expect(first.body.secret).toMatch(/^parley_gateway_/);
    expect(second.body).toEqual({ ...first.body, secret: null });
    const invite = () =>
      people.admin.post('/v1/invitations', { email: 'new@lab.example', roles: ['admin'] }, keyed('invite'));
    const token = (await invite()).body.token as string;
    expect((await invite()).body.token).toBeNull();
    const stored = JSON.stringify(await stage.sql('SELECT * FROM idempotency_key'));
    expect(token).toMatch(/^parley_invitation_/);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(first.body.secret as string);
  });

  it('lets one of many parallel duplicates through; the others wait or are given its answer', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [headers, name] = [keyed(), `Race ${round} GmbH`];
      const answers = await inParallel(12, () => people.partnerships.post('/v1/partners', prospect(name), headers));
      expect(await partnersNamed(name)).toHaveLength(1);
      const others = answers.filter(({ status }) => status !== 201);
      expect(others.every(({ status, body }) => status === 409 && body.code === 'request_in_progress')).toBe(true);
      const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
      expect(ids.size).toBe(1);
      expect((await people.partnerships.post('/v1/partners', prospect(name), headers)).body.id).toBe([...ids][0]);
    }
  });

  it('answers 409 while the first is under way, with when to try again', async () => {
    const [key, body] = [randomUUID(), prospect('Under way GmbH')];
    await abandonClaim(people.partnerships, key, { path: '/v1/partners', body: prospect('Under way GmbH') });
    const again = await people.partnerships.post('/v1/partners', body, keyed(key));
    expect(again).toMatchObject({ status: 409, body: { code: 'request_in_progress' } });
    expect(again.headers.get('retry-after')).toBe('1');
  });

  it('whose process died before the change was written is claimed again once no attempt can still run, and by one alone', async () => {
    const [key, path] = [randomUUID(), `/v1/agreements/${story.agreementId}/suspensions`];
    const body = { scope: 'agreement', reasonCode: 'legal', reason: `A claim that died ${key}` };
    await abandonClaim(people.compliance, key, { path, body });
    const stops = async () => (await stage.sql('SELECT id FROM suspension WHERE reason = $1', [body.reason])).length;
    const before = await stops();
    stage.clock.advance(10 * minute);
    expect((await people.compliance.post(path, body, keyed(key))).status).toBe(409);
    stage.clock.advance(minute);
    const answers = await inParallel(6, () => people.compliance.post(path, body, keyed(key)));
    expect(await stops()).toBe(before + 1);
    expect(countStatuses(answers)[201]).toBeGreaterThanOrEqual(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect((await people.compliance.post(path, body, keyed(key))).headers.get('idempotent-replayed')).toBe('true');
    expect(await stops()).toBe(before + 1);
  });

  it('whose process died after the change was committed replays it, since both were committed together', async () => {
    const key = randomUUID();
    const answer = await people.partnerships.post('/v1/partners', prospect('Committed GmbH'), keyed(key));
    const [row] = await stage.sql<{ status: number; same: boolean }>(
      `SELECT k.status, k.xmin::text = p.xmin::text AS same
       FROM idempotency_key k, partner_organisation p WHERE k.key = $1 AND p.id = $2`,
      [key, answer.body.id],
    );
    expect(row).toEqual({ status: 201, same: true });
  });

  it('keeps no answer of a change that was rolled back, and is free for another try', async () => {
    const [key, body] = [randomUUID(), prospect('Rolled back GmbH')];
    await stage.sql(`CREATE FUNCTION test_trouble() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'trouble at commit'; END $$`);
    await stage.sql(`CREATE CONSTRAINT TRIGGER test_trouble AFTER INSERT ON partner_organisation
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test_trouble()`);
    const failed = await people.partnerships.post('/v1/partners', body, keyed(key));
    expect([failed.status, failed.body.code]).toEqual([500, 'internal_error']);
    expect(JSON.stringify(failed.body)).not.toContain('trouble at commit');
    expect(await stage.sql('SELECT * FROM idempotency_key WHERE key = $1', [key])).toEqual([]);
    await stage.sql('DROP TRIGGER test_trouble ON partner_organisation');
    expect((await people.partnerships.post('/v1/partners', body, keyed(key))).status).toBe(201);
    expect(await partnersNamed('Rolled back GmbH')).toHaveLength(1);
  });

  it('of an attempt that lost its claim to a later one cannot commit', async () => {
    const [key, name] = [randomUUID(), 'Overtaken GmbH'];
    await stage.sql(`CREATE FUNCTION test_overtake() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN UPDATE idempotency_key SET attempt = 'a later one' WHERE key = '${key}'; RETURN NEW; END $$`);
    await stage.sql(`CREATE TRIGGER test_overtake BEFORE INSERT ON partner_organisation
      FOR EACH ROW EXECUTE FUNCTION test_overtake()`);
    const { status } = await people.partnerships.post('/v1/partners', prospect(name), keyed(key));
    await stage.sql('DROP TRIGGER test_overtake ON partner_organisation');
    expect(status).toBe(409);
    expect(await partnersNamed(name)).toHaveLength(0);
  });

  it('has 1 to 255 characters', async () => {
    const path = `/v1/partners/${randomUUID()}/submission`;
    const statusOf = async (key: string) => (await people.partnerships.post(path, undefined, keyed(key))).status;
    expect(await statusOf('')).toBe(400);
    expect(await statusOf('x')).toBe(404);
    expect(await statusOf('x'.repeat(255))).toBe(404);
    expect(await statusOf('x'.repeat(256))).toBe(400);
    // An escape counts as the one character that it stands for.
    expect(await statusOf('\\"'.repeat(255))).toBe(404);
  });

  it('is not asked for: a POST without it runs each time', async () => {
    const path = '/v1/gateway-credentials';
    const ids = [await people.admin.post(path, { name: 'eu-3' }), await people.admin.post(path, { name: 'eu-3' })];
    expect(ids[0]!.body.id).not.toBe(ids[1]!.body.id);
  });

  it.skipIf(fields.absent)(`is a string of RFC 8941 and nothing else${fields.note}`, async () => {
    const cases = [...read('string.json'), ...read('string-generated.json')];
    expect(cases).toHaveLength(270);
    for (const { name, raw, must_fail: mustFail, expected } of cases) {
      const status = await rawStatus(raw);
      const usable = !mustFail && expected !== undefined && expected[0].length >= 1 && expected[0].length <= 255;
      expect(status, `${name}: ${JSON.stringify(raw)}`).toBe(usable ? 404 : 400);
    }
  });

  /** The status of a POST whose header lines are written byte by byte, as no client library would. */
  function rawStatus(lines: string[]): Promise<number> {
    const { hostname, port } = new URL(stage.apiUrl);
    const head = [
      'POST /v1/partners/0192f3a4-5b6c-7d8e-9f01-23456789abcd/submission HTTP/1.1',
      `Host: ${hostname}`,
      `Authorization: Bearer ${people.partnerships.token}`,
      ...lines.map((line) => `Idempotency-Key: ${line}`),
      'Content-Length: 0',
      'Connection: close',
    ];
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1'));
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])));
      socket.on('error', reject);
    });
  }

  interface RawAnswer {
    status: number;
    text: string;
    replayed: unknown;
  }

  function rawPost(path: string, token: string, body: object, headers: object): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const all = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}`, ...headers };
      const sent = request(stage.apiUrl + path, { method: 'POST', headers: all }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode!, text, replayed: response.headers['idempotent-replayed'] }),
        );
      });
      sent.on('error', reject).end(JSON.stringify(body));
    });
  }
});

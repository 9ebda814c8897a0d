import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hour, minute } from '../../src/kernel/clock.js';
import {
  Caller,
  callerOf,
  Callers,
  callersOf,
  countStatuses,
  hire,
  inParallel,
  logIn,
  password,
  Tokens,
} from '../setup/caller.js';
import { ask, given, Given } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a session', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const attempt = (email: string, given_: string = password) =>
    ask<Tokens & { code: string; detail: string }>(`${stage.apiUrl}/v1/sessions`, {
      body: { email, password: given_ },
    });
  const refresh = (refreshToken: string) =>
    ask<Tokens & { code: string }>(`${stage.apiUrl}/v1/sessions/refresh`, { body: { refreshToken } });
  const me = async (token: string) => (await new Caller(stage, token).get('/v1/me')).status;
  const newPerson = async (name: string) => {
    people.admin = await callerOf(stage, 'admin@lab.example');
    await hire(stage, people.admin, name, ['compliance']);
    return `${name.toLowerCase().replaceAll(' ', '.')}@lab.example`;
  };

  it('is opened with address and password, whatever the case of the address', async () => {
    const { status, body } = await attempt('ADMIN@Lab.Example');
    expect(status).toBe(201);
    expect(await me(body.accessToken)).toBe(200);
    expect(new Date(body.expiresAt).getTime()).toBe(stage.clock.now().getTime() + 15 * minute);
  });

  it('is not opened with a wrong password, and nothing tells whether the account exists', async () => {
    const [known, unknown] = [await attempt('lee@lab.example', 'wrong'), await attempt('nobody@lab.example', 'wrong')];
    expect(known.status).toBe(401);
    const { request_id: one, ...first } = known.body as unknown as Record<string, unknown>;
    const { request_id: other, ...second } = unknown.body as unknown as Record<string, unknown>;
    expect(first).toEqual(second);
    expect(one).not.toBe(other);
    expect(known.headers.get('content-length')).toBe(unknown.headers.get('content-length'));
    await logIn(stage, 'lee@lab.example');
  });

  const timesOf = async (email: (at: number) => string) => {
    const times: number[] = [];
    for (let at = 0; at < 9; at += 1) {
      const started = performance.now();
      await attempt(email(at), 'wrong');
      times.push(performance.now() - started);
    }
    return times.toSorted((a, b) => a - b)[4]!;
  };

  it('hashes for an account that does not exist too, so that a quick no tells nobody who has one', async () => {
    const unknown = await timesOf((at) => `stranger-${at}@lab.example`);
    const known = await timesOf(() => 'grace@lab.example');
    await logIn(stage, 'grace@lab.example');
    expect(unknown).toBeGreaterThan(known / 4);
  });

  it('is refreshed with a token that is good once; each refresh gives another', async () => {
    const first = await logIn(stage, await newPerson('Renata Refresh'));
    const second = await refresh(first.refreshToken);
    expect(second.status).toBe(201);
    expect(second.body.refreshToken).not.toBe(first.refreshToken);
    expect(await me(second.body.accessToken)).toBe(200);
    expect((await refresh(second.body.refreshToken)).status).toBe(201);
  });

  it('ends when an old refresh token is used again, and every token of it with it', async () => {
    const first = await logIn(stage, await newPerson('Rita Reuse'));
    const { body: second } = await refresh(first.refreshToken);
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    expect((await refresh(second.refreshToken)).status).toBe(401);
    expect([await me(first.accessToken), await me(second.accessToken)]).toEqual([401, 401]);
  });

  it('ends when a refresh token from long ago is used again, so that a thief gains nothing by refreshing twice', async () => {
    const stolen = await logIn(stage, await newPerson('Thea Theft'));
    const thief = (await refresh((await refresh(stolen.refreshToken)).body.refreshToken)).body;
    expect(await me(thief.accessToken)).toBe(200);
    expect((await refresh(stolen.refreshToken)).status).toBe(401);
    expect(await me(thief.accessToken)).toBe(401);
    expect((await refresh(thief.refreshToken)).status).toBe(401);
  });

  it('gives one answer to parallel refreshes with one token, and is ended by the second', async () => {
    const { refreshToken } = await logIn(stage, await newPerson('Paul Parallel'));
    const answers = await inParallel(6, () => refresh(refreshToken));
    expect(countStatuses(answers)).toEqual({ 201: 1, 401: 5 });
    expect((await refresh(answers.find(({ status }) => status === 201)!.body.refreshToken)).status).toBe(401);
  });

  it('is not refreshed with what is no refresh token', async () => {
    const { accessToken, refreshToken } = await logIn(stage, await newPerson('Nora Nonsense'));
    for (const text of ['x', refreshToken.slice(0, -1), `${refreshToken}x`, refreshToken.toUpperCase()]) {
      expect((await refresh(text)).status, text).toBe(401);
    }
    expect([401, 422]).toContain((await refresh(accessToken)).status);
    expect((await refresh(refreshToken)).status).toBe(201);
  });

  it('ends at once at log-out, for every token of it and for no other session', async () => {
    const email = await newPerson('Lou Logout');
    const [one, other] = [await logIn(stage, email), await logIn(stage, email)];
    expect((await new Caller(stage, one.accessToken).delete('/v1/sessions/current')).status).toBe(204);
    expect(await me(one.accessToken)).toBe(401);
    expect((await refresh(one.refreshToken)).status).toBe(401);
    expect(await me(other.accessToken)).toBe(200);
  });

  it('of a suspended account is refused at the next request, and works again when the account may act again', async () => {
    const email = await newPerson('Sue Suspended');
    const tokens = await logIn(stage, email);
    const { body: user } = await new Caller(stage, tokens.accessToken).get('/v1/me');
    const path = `/v1/users/${String(user.id)}/suspension`;
    expect((await people.admin.post(path)).status).toBe(201);
    expect(await me(tokens.accessToken)).toBe(401);
    expect((await refresh(tokens.refreshToken)).status).toBe(401);
    expect((await attempt(email)).status).toBe(401);
    expect((await people.admin.delete(path)).status).toBe(200);
    expect(await me(tokens.accessToken)).toBe(200);
  });

  it('has the roles of this very request, not those of the log-in', async () => {
    const email = await newPerson('Roger Roles');
    const person = await callerOf(stage, email);
    const id = String((await person.get('/v1/me')).body.id);
    const audit = async () => (await person.get('/v1/audit-entries')).status;
    expect(await audit()).toBe(200);
    await people.admin.put(`/v1/users/${id}/roles`, { roles: ['lab_signatory'] });
    expect(await audit()).toBe(403);
    await people.admin.put(`/v1/users/${id}/roles`, { roles: ['lab_signatory', 'admin'] });
    expect(await audit()).toBe(200);
  });

  it('nobody sets their own roles, suspends themselves, or gives a role of the other side', async () => {
    const id = String((await people.admin.get('/v1/me')).body.id);
    expect((await people.admin.put(`/v1/users/${id}/roles`, { roles: ['admin', 'approver'] })).status).toBe(403);
    expect((await people.admin.post(`/v1/users/${id}/suspension`)).status).toBe(403);
    const partners = String((await people.researcher.get('/v1/me')).body.id);
    const { status, body } = await people.admin.put(`/v1/users/${partners}/roles`, { roles: ['admin'] });
    expect([status, body.pointer]).toEqual([422, '/roles']);
    expect((await people.partnerAdmin.put(`/v1/users/${id}/roles`, { roles: [] })).status).toBe(404);
  });

  it('is not had with a forged token', async () => {
    const { accessToken } = await logIn(stage, 'cleo@lab.example');
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const secret = Buffer.from('a secret of the tests, long enough to sign with');
    const sign = (changes: object, header = { alg: 'HS256', typ: 'at+jwt' }, key = secret) =>
      new SignJWT({ ...claims, ...changes }).setProtectedHeader(header).sign(key);
    const [, payload, signature] = accessToken.split('.');
    expect(await me(await sign({}))).toBe(200);
    const forged = {
      'another secret': await sign({}, undefined, Buffer.alloc(32, 1)),
      'another algorithm': await sign({}, { alg: 'HS512', typ: 'at+jwt' }, Buffer.alloc(64, 1)),
      'HS512 under the right secret': await sign({}, { alg: 'HS512', typ: 'at+jwt' }, secret).catch(() => 'x.y.z'),
      'no algorithm': `${encode({ alg: 'none' })}.${payload}.`,
      'None with a signature': `${encode({ alg: 'None' })}.${payload}.${signature}`,
      'another issuer': await sign({ iss: 'other' }),
      'another audience': await sign({ aud: 'other' }),
      'no expiry': await sign({ exp: undefined }),
      'no session': await sign({ sid: undefined }),
      'a session that is no id': await sign({ sid: "' OR 1=1" }),
      'the session of somebody else': await sign({ sub: '0192f3a4-5b6c-7d8e-9f01-23456789abcd' }),
      'a list for a subject': await sign({ sub: undefined, sid: ['x'] }),
      'a changed payload': accessToken.replace(`.${payload}.`, `.${encode({ ...claims, exp: 9e9 })}.`),
    };
    for (const [how, token] of Object.entries(forged)) expect(await me(token), how).toBe(401);
  });

  it('is counted: the eleventh wrong guess within 15 minutes is refused, the right password too, until they pass', async () => {
    const email = await newPerson('Gus Guessed');
    for (let guess = 0; guess < 10; guess += 1) expect((await attempt(email, `guess ${guess}`)).status).toBe(401);
    const refused = await attempt(email);
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(refused.headers.get('retry-after'))).toBe(900);
    expect((await attempt('petra@lab.example')).status).toBe(201);
    stage.clock.advance(15 * minute);
    expect((await attempt(email)).status).toBe(201);
  });

  it('is counted in parallel too: of forty guesses at once ten are tried', async () => {
    stage.clock.advance(hour);
    const answers = await inParallel(40, (at) => attempt('cleo@lab.example', `guess ${at}`));
    expect(countStatuses(answers)).toEqual({ 401: 10, 429: 30 });
  });

  it('is counted per address as well, over many accounts, and alike for accounts that do not exist', async () => {
    stage.clock.advance(hour);
    const answers = await inParallel(110, (at) => attempt(`spray-${at}@lab.example`, 'spring'));
    expect(countStatuses(answers)).toEqual({ 401: 100, 429: 10 });
    stage.clock.advance(hour);
  });

  it('lets its access token expire after fifteen minutes, and itself fourteen days after the last refresh', async () => {
    const tokens = await logIn(stage, 'petra@lab.example');
    stage.clock.advance(15 * minute - 1_000);
    expect(await me(tokens.accessToken)).toBe(200);
    stage.clock.advance(1_000);
    expect(await me(tokens.accessToken)).toBe(401);
    const { body } = await refresh(tokens.refreshToken);
    stage.clock.advance(14 * 24 * hour - 1);
    const last = await refresh(body.refreshToken);
    expect(last.status).toBe(201);
    stage.clock.advance(14 * 24 * hour);
    expect((await refresh(last.body.refreshToken)).status).toBe(401);
  });
});

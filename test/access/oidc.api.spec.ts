import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, JWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { minute } from '../../src/kernel/clock.js';
import { Caller, countStatuses, inParallel, joinWith } from '../setup/caller.js';
import { openStage, Stage } from '../setup/stage.js';

interface SigningKey {
  kid: string;
  alg: 'RS256' | 'ES256' | 'PS256';
  privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  jwk: JWK;
}

async function newKey(kid: string, alg: SigningKey['alg']): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of the lab’s identity provider', () => {
  let stage: Stage;
  let server: Server;
  let issuer: string;
  let keys: SigningKey[];
  let stranger: SigningKey;
  let admin: Caller;
  let fetches = 0;

  beforeAll(async () => {
    keys = [await newKey('one', 'RS256'), await newKey('two', 'ES256'), await newKey('three', 'PS256')];
    stranger = await newKey('one', 'RS256');
    server = createServer((_, response) => {
      fetches += 1;
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    stage = await openStage({
      environment: {
        PARLEY_OIDC_ISSUER: issuer,
        PARLEY_OIDC_JWKS_URL: `${issuer}/jwks`,
        PARLEY_OIDC_AUDIENCE: 'parley-api',
        PARLEY_OIDC_ROLES: '{"eval-partnerships":"partnerships","eval-compliance":"compliance"}',
      },
    });
    admin = await joinWith(stage, stage.invitation, 'Ada Admin', 'admin@lab.example');
  });

  afterAll(async () => {
    await stage.stop();
    server.close();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const claimsNow = () => {
    const now = Math.floor(stage.clock.now().getTime() / 1000);
    return {
      iss: issuer,
      aud: 'parley-api',
      sub: 'x',
      iat: now,
      exp: now + 600,
      auth_time: now,
      email: 'ida@lab.example',
      name: 'Ida Identity',
      groups: ['eval-partnerships', 'staff'],
    };
  };
  const token = (changes: object = {}, { kid, alg, privateKey }: SigningKey = keys[0]!) =>
    new SignJWT({ ...claimsNow(), ...subjectOf(changes), ...changes })
      .setProtectedHeader({ alg, kid })
      .sign(privateKey);
  const subjectOf = ({ email }: { email?: unknown }) => (typeof email === 'string' ? { sub: email } : {});
  const me = async (text: string) => new Caller(stage, text).get('/v1/me');

  it('lets a person in whose account is opened at the first request, once, however many come at once', async () => {
    const text = await token({ email: 'First@Lab.example' });
    expect(countStatuses(await inParallel(8, () => me(text)))).toEqual({ 200: 8 });
    const { body } = await me(text);
    expect(body).toMatchObject({
      email: 'first@lab.example',
      name: 'Ida Identity',
      side: 'lab',
      roles: ['partnerships'],
    });
    expect(await stage.sql("SELECT id FROM user_account WHERE email = 'first@lab.example'")).toHaveLength(1);
  });

  it('is known by issuer and subject: a changed address is the same person, another’s address lets nobody in', async () => {
    const before = await me(await token({ email: 'lee@lab.example', sub: 'lee' }));
    const moved = await me(await token({ email: 'lee.new@lab.example', sub: 'lee' }));
    expect([before.status, moved.status]).toEqual([200, 200]);
    expect(moved.body.id).toBe(before.body.id);
    expect((await me(await token({ email: 'lee@lab.example', sub: 'somebody else' }))).status).toBe(401);
    expect((await me(await token({ sub: undefined }))).status).toBe(401);
  });

  it('is believed when signed with any published RSA or elliptic-curve key', async () => {
    for (const key of keys) expect((await me(await token({}, key))).status, key.alg).toBe(200);
  });

  const audit = async (groups: unknown) =>
    (await new Caller(stage, await token({ groups })).get('/v1/audit-entries')).status;

  it('gives the roles that its groups map to at this very request', async () => {
    expect(await audit(['eval-partnerships'])).toBe(403);
    expect(await audit(['eval-compliance'])).toBe(200);
    expect(await audit(['eval-partnerships'])).toBe(403);
  });

  it('without a group that maps to a role lets nobody in', async () => {
    for (const groups of [
      [],
      ['staff'],
      ['constructor'],
      ['__proto__'],
      'eval-partnerships',
      null,
      undefined,
      {},
      [['eval-partnerships2']],
    ]) {
      expect((await me(await token({ groups }))).status, JSON.stringify(groups)).toBe(401);
    }
  });

  it('that is another’s, out of date or forged is refused', async () => {
    const claims = claimsNow();
    const right = await token();
    const publicKey = Buffer.from(JSON.stringify(keys[0]!.jwk));
    const wrong = {
      'another issuer': await token({ iss: 'https://other.example' }),
      'another audience': await token({ aud: 'other' }),
      'no audience': await token({ aud: undefined }),
      'no issuer': await token({ iss: undefined }),
      expired: await token({ exp: claims.iat }),
      'no expiry': await token({ exp: undefined }),
      'an expiry that is a text': `${encode({ alg: 'RS256', kid: 'one' })}.${encode({ ...claims, exp: '9999999999' })}.x`,
      'no address': await token({ email: undefined }),
      'an address that was not verified': await token({ email_verified: false }),
      'a key of nobody under a known name': await token({}, stranger),
      'a key of nobody': await token({}, { ...stranger, kid: 'nobody' }),
      'no algorithm': `${encode({ alg: 'none' })}.${encode(claims)}.`,
      'the public key as a secret': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(publicKey),
      'a key of its own': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', jwk: stranger.jwk })
        .sign(stranger.privateKey),
      'another payload': right.replace(/\.[^.]+\./, `.${encode({ ...claims, groups: ['eval-compliance'] })}.`),
      'no signature': right.slice(0, right.lastIndexOf('.') + 1),
    };
    expect((await me(right)).status).toBe(200);
    for (const [how, text] of Object.entries(wrong)) expect((await me(text)).status, how).toBe(401);
  });

  it('ends when the clock says so', async () => {
    const text = await token({ email: 'ends@lab.example' });
    expect((await me(text)).status).toBe(200);
    stage.clock.advance(10 * minute);
    expect((await me(text)).status).toBe(401);
  });

  it('of a person whose account is suspended here lets nobody in', async () => {
    const email = 'suspended@lab.example';
    const { body } = await me(await token({ email }));
    admin = new Caller(stage, (await relogin()).accessToken);
    expect((await admin.post(`/v1/users/${String(body.id)}/suspension`)).status).toBe(201);
    expect((await me(await token({ email }))).status).toBe(401);
  });

  async function relogin() {
    const body = { email: 'admin@lab.example', password: 'correct horse battery staple' };
    return (await new Caller(stage).post<{ accessToken: string }>('/v1/sessions', body)).body;
  }

  it('has no session here to end', async () => {
    expect((await new Caller(stage, await token()).delete('/v1/sessions/current')).status).toBe(409);
  });

  it('is not asked of the provider again and again: a flood of unknown keys fetches the set once at most', async () => {
    const before = fetches;
    const flood = await Promise.all(
      Array.from({ length: 30 }, (_, at) => token({}, { ...stranger, kid: `unknown-${at}` })),
    );
    for (const text of flood) expect((await me(text)).status).toBe(401);
    expect(fetches - before).toBeLessThanOrEqual(1);
  });

  it('signed with a key that was published since is believed without a restart, and with one withdrawn no more', async () => {
    const old = await token();
    const next = await newKey('next', 'ES256');
    keys = [next];
    // The set may be fetched again after a pause of half a minute; the machine's clock is set beyond it.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minute });
    expect((await me(await token({}, next))).status).toBe(200);
    expect((await me(old)).status).toBe(401);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Callers, callersOf, countStatuses, inParallel } from '../setup/caller.js';
import { ask, given, Given, question } from '../setup/given.js';
import { openStage, Stage } from '../setup/stage.js';

interface Credential {
  id: string;
  secret: string;
}

describe('a gateway’s credential', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const issue = async () => (await people.admin.post<Credential>('/v1/gateway-credentials', { name: 'eu-2' })).body;
  const asks = async (token: string) =>
    (await ask(`${stage.gatewayUrl}/v1/authorizations`, { token, body: question(story.keys[0]!) })).status;
  const reports = async (token: string) => (await ask(`${stage.apiUrl}/v1/usage-events`, { token, body: [] })).status;
  const revoke = (by: keyof Callers, id: string) => people[by].post(`/v1/gateway-credentials/${id}/revocation`);

  it('works on both listeners at once, and is refused on both from its revocation on', async () => {
    const { id, secret } = await issue();
    expect(await asks(secret)).toBe(200);
    expect(await reports(secret)).not.toBe(401);
    expect((await revoke('compliance', id)).status).toBe(201);
    expect([await asks(secret), await reports(secret)]).toEqual([401, 401]);
    expect(await asks(story.gatewayCredential)).toBe(200);
  });

  it('is refused to every question that is asked after the answer to its revocation', async () => {
    const { id, secret } = await issue();
    let revoked = false;
    const late: number[] = [];
    const load = inParallel(8, async () => {
      for (let at = 0; at < 40; at += 1) {
        const after = revoked;
        const status = await asks(secret);
        if (after) late.push(status);
      }
    });
    await asks(secret);
    expect((await revoke('admin', id)).status).toBe(201);
    revoked = true;
    await load;
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late)).toEqual(new Set([401]));
  });

  it('is revoked once', async () => {
    const { id } = await issue();
    expect(countStatuses(await inParallel(5, () => revoke('admin', id)))).toEqual({ 201: 1, 409: 4 });
  });

  it('speaks for a gateway and nobody else: it reads nothing and issues nothing', async () => {
    const { secret } = await issue();
    for (const path of ['/v1/me', '/v1/partners', '/v1/keys', '/v1/audit-entries', '/v1/gateway-credentials']) {
      expect((await ask(stage.apiUrl + path, { method: 'GET', token: secret })).status, path).toBe(403);
    }
    const body = { name: 'eu-3' };
    expect((await ask(`${stage.apiUrl}/v1/gateway-credentials`, { token: secret, body })).status).toBe(403);
  });

  it('is issued by an administrator, shown once, and stands in no list, log or table', async () => {
    for (const other of ['partnerships', 'approver', 'compliance', 'partnerAdmin'] as const) {
      expect((await people[other].post('/v1/gateway-credentials', { name: 'eu-4' })).status).toBe(403);
    }
    const { secret } = await issue();
    const kept = [
      (await people.admin.get('/v1/gateway-credentials')).body,
      (await people.compliance.get('/v1/audit-entries?limit=200')).body,
      await stage.sql('SELECT * FROM gateway_credential'),
      await stage.sql('SELECT * FROM audit_detail'),
    ];
    expect(secret).toMatch(/^parley_gateway_[\w-]{43}$/);
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it('is this very text: anything near it is nobody', async () => {
    const { secret } = await issue();
    for (const text of [secret.slice(0, -1), `${secret}A`, secret.toUpperCase(), `x${secret}`]) {
      expect([await asks(text), await reports(text)], text).toEqual([401, 401]);
    }
  });
});

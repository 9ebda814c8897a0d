import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { day, second } from '../../src/kernel/clock.js';
import { SigningKeysService } from '../../src/partners/signing-keys/signing-keys.service.js';
import { Caller, Callers, callersOf, countStatuses, hire, inParallel } from '../setup/caller.js';
import { given, Given } from '../setup/given.js';
import { activateSigningKey, newSigner, proveSigningKey, Signer, SigningKey } from '../setup/signing-keys.js';
import { openStage, Stage } from '../setup/stage.js';

interface Refused {
  code: string;
  pointer?: string;
  detail: string;
}

/** Another signature than the one that is right, in its one spelling. */
const noSignature = 'A'.repeat(86);

describe('a signing key', () => {
  let stage: Stage;
  let story: Given;
  let other: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    other = await given.anotherRival(story);
  });

  // The clock moves by days, and a token lasts a quarter of an hour.
  beforeEach(async () => {
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  const register = (by: Caller, signer: Signer, more: object = {}) =>
    by.post<SigningKey & Refused>(`/v1/partners/${story.organisationId}/signing-keys`, {
      label: 'Contracts',
      publicKey: signer.publicKey,
      ...more,
    });
  const prove = (by: Caller, { id }: SigningKey, signature: string, predecessorSignature?: string) =>
    by.post<SigningKey & Refused>(`/v1/signing-keys/${id}/proof`, { signature, predecessorSignature });
  const approve = (by: Caller, { id }: SigningKey) => by.post<SigningKey & Refused>(`/v1/signing-keys/${id}/approvals`);
  const revoke = (by: Caller, { id }: SigningKey, reason = 'It may have leaked.') =>
    by.post<SigningKey & Refused>(`/v1/signing-keys/${id}/revocation`, { reason });
  const list = async (by: Caller, id = story.organisationId) =>
    (await by.get<{ data: SigningKey[] }>(`/v1/partners/${id}/signing-keys?limit=200`)).body.data;
  const now = async ({ id }: SigningKey) => (await list(people.compliance)).find((one) => one.id === id)!;
  const idOf = async (by: Caller) => (await by.get<{ id: string }>('/v1/me')).body.id;
  const activeKey = ({ keyId }: SigningKey, organisationId = story.organisationId) =>
    stage.app.get(SigningKeysService).activeKey(stage.app.get(DataSource).manager, organisationId, keyId);
  const registered = async (signer = newSigner(), more: object = {}) =>
    (await register(people.partnerSignatory, signer, more)).body;
  const proved = (signer = newSigner()) => proveSigningKey(story.cast.partnerSignatory, story.organisationId, signer);
  const activated = (signer = newSigner()) => activateSigningKey(story.cast, story.organisationId, signer);

  it('is registered by the partner, proved, approved by two people of the lab, and is active then', async () => {
    const signer = newSigner();
    const { status, body: key } = await register(people.partnerSignatory, signer);
    expect(status).toBe(201);
    expect(key).toMatchObject({ state: 'registered', allowedActions: ['prove', 'revoke'], activeAt: null });
    const { body: held } = await prove(people.partnerSignatory, key, signer.sign(key.challenge));
    expect(held).toMatchObject({ state: 'proved', firstApprovedBy: null, secondApprovedBy: null });
    expect(await activeKey(key)).toBeNull();
    const { body: once } = await approve(people.partnerships, key);
    expect(once).toMatchObject({ state: 'proved', secondApprovedBy: null, activeAt: null });
    expect(await activeKey(key)).toBeNull();
    stage.clock.advance(second);
    const { body: twice } = await approve(people.compliance, key);
    expect(twice).toMatchObject({
      state: 'active',
      firstApprovedBy: await idOf(people.partnerships),
      secondApprovedBy: await idOf(people.compliance),
      activeAt: stage.clock.now().toISOString(),
      endedAt: null,
    });
    expect(await activeKey(key)).toMatchObject({ id: key.id, publicKey: signer.publicKey });
    const entries = await story.cast.partnerAdmin.all<{ action: string }>(`/v1/audit-entries?subject=${key.id}`);
    const events = ['registered', 'proved', 'approved', 'approved', 'activated'];
    expect(entries.map(({ action }) => action).toReversed()).toEqual(events.map((event) => `signing_key.${event}`));
  });

  it('has a challenge that names its purpose, its organisation and itself, and is like no other', async () => {
    const signer = newSigner();
    const raw = Buffer.from(signer.publicKey, 'base64url');
    const keyId = createHash('sha256').update(raw).digest('hex').slice(0, 16);
    const until = new Date(stage.clock.now().getTime() + day).toISOString();
    const [one, two] = [await registered(signer), await registered(signer)];
    expect(one).toMatchObject({ keyId, challengeValidUntil: until });
    const lines = one.challenge.split('\n');
    expect(lines.filter((line) => !line.startsWith('nonce: '))).toEqual([
      'parley-signing-key/1',
      `organisation: ${story.organisationId}`,
      `key id: ${keyId}`,
      `public key: ${signer.publicKey}`,
      'replaces: none',
      `valid until: ${until}`,
    ]);
    expect(lines.find((line) => line.startsWith('nonce: '))).toMatch(/^nonce: [\w-]{43}$/);
    expect(two.challenge).not.toBe(one.challenge);
    expect((await prove(people.partnerAdmin, two, signer.sign(one.challenge))).body.pointer).toBe('/signature');
  });

  it('is registered by a signatory or an admin of an active organisation, and by nobody else', async () => {
    for (const by of [people.partnerSignatory, people.partnerAdmin]) {
      expect((await register(by, newSigner())).status).toBe(201);
    }
    for (const by of [people.researcher, people.partnerships, people.approver, people.admin]) {
      expect((await register(by, newSigner())).status).toBe(403);
    }
  });

  it.each(['', 'short', `${'A'.repeat(42)}B`, 'A'.repeat(44), `${'A'.repeat(43)}=`, '+'.repeat(43), '11'.repeat(32)])(
    'is not %j, which is told by a pointer',
    async (publicKey) => {
      const { status, body } = await register(people.partnerSignatory, { ...newSigner(), publicKey });
      expect([status, body.code, body.pointer]).toEqual([422, 'invalid_request', '/publicKey']);
    },
  );

  it('is proved by its own signature of its own challenge, byte for byte', async () => {
    const signer = newSigner();
    const key = await registered(signer);
    const right = signer.sign(key.challenge);
    const flipped = Buffer.from(right, 'base64url');
    flipped[0] = flipped[0]! ^ 1;
    const wrong = [
      noSignature,
      flipped.toString('base64url'),
      newSigner().sign(key.challenge),
      signer.sign(`${key.challenge}\n`),
      signer.sign(key.challenge.replaceAll('\n', '\r\n')),
      signer.sign(key.keyId),
      right.slice(0, -1),
      `${right}A`,
      `${right}==`,
    ];
    for (const signature of wrong) {
      const { status, body } = await prove(people.partnerSignatory, key, signature);
      expect([status, body.code, body.pointer], signature).toEqual([422, 'invalid_request', '/signature']);
    }
    expect((await now(key)).state).toBe('registered');
    expect((await prove(people.partnerSignatory, key, right)).body.state).toBe('proved');
    expect((await prove(people.partnerSignatory, key, right)).body.code).toBe('move_not_allowed');
  });

  it('is proved within twenty-four hours, or registered anew', async () => {
    const [late, inTime] = [newSigner(), newSigner()];
    const [first, other24] = [await registered(late), await registered(inTime)];
    stage.clock.advance(day - 1);
    people = await callersOf(stage, story.cast);
    expect((await prove(people.partnerSignatory, other24, inTime.sign(other24.challenge))).status).toBe(201);
    stage.clock.advance(1);
    const refused = await prove(people.partnerSignatory, first, late.sign(first.challenge));
    expect([refused.status, refused.body.code]).toEqual([410, 'expired']);
    const again = await registered(late);
    expect((await prove(people.partnerSignatory, again, late.sign(again.challenge))).body.state).toBe('proved');
  });

  it('is not approved before it was proved', async () => {
    expect((await approve(people.approver, await registered())).body.code).toBe('move_not_allowed');
  });

  it('is approved by the lab’s people for partners, approval and compliance, and by nobody else', async () => {
    const key = await proved();
    const others = [people.admin, people.labSignatory, people.partnerAdmin, people.partnerSignatory, people.researcher];
    for (const by of others) expect((await approve(by, key)).status).toBe(403);
  });

  it('approved twice by one person at once counts one approval, in each of twenty rounds', async () => {
    const everything = await hire(stage, people.admin, 'Eve Everything', ['partnerships', 'approver', 'compliance']);
    const eve = await idOf(everything);
    for (let round = 0; round < 20; round += 1) {
      const key = await proved();
      const answers = await Promise.all([approve(everything, key), approve(everything, key)]);
      expect(countStatuses(answers), `round ${round}`).toEqual({ 201: 1, 403: 1 });
      expect(answers.find(({ status }) => status === 403)!.body.code).toBe('separation_of_duties');
      expect(await now(key)).toMatchObject({ state: 'proved', firstApprovedBy: eve, secondApprovedBy: null });
    }
  });

  it('approved by many people at once is approved by two different ones', async () => {
    for (let round = 0; round < 5; round += 1) {
      const key = await proved();
      const everybody = [people.partnerships, people.approver, people.compliance];
      const answers = await inParallel(6, (at) => approve(everybody[at % 3]!, key));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
      const { state, firstApprovedBy, secondApprovedBy } = await now(key);
      expect(state).toBe('active');
      expect(firstApprovedBy).not.toBe(secondApprovedBy);
    }
  });

  it('once proved is known for good to its organisation, whatever became of it', async () => {
    const signers = [newSigner(), newSigner(), newSigner()];
    const keys = [await proved(signers[0]), await activated(signers[1]), await proved(signers[2])];
    await revoke(people.partnerAdmin, keys[2]!);
    for (const signer of signers) {
      const { status, body } = await register(people.partnerSignatory, signer);
      expect([status, body.code, body.pointer]).toEqual([409, 'already_exists', '/publicKey']);
    }
  });

  it('registered twice is proved once, also at once', async () => {
    const signer = newSigner();
    const twice = [await registered(signer), await registered(signer)];
    const answers = await Promise.all(
      twice.map((key) => prove(people.partnerSignatory, key, signer.sign(key.challenge))),
    );
    expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
    const left = answers[0]!.status === 409 ? twice[0]! : twice[1]!;
    expect((await revoke(people.partnerSignatory, left)).body.state).toBe('revoked');
  });

  it('registered by who does not hold it keeps nobody who does from registering it', async () => {
    const signer = newSigner();
    const stolen = await registered(signer);
    await revoke(people.partnerSignatory, stolen);
    const key = await registered(signer);
    expect((await prove(people.partnerSignatory, key, signer.sign(key.challenge))).body.state).toBe('proved');
  });

  it('is revoked by its partner or by compliance, in every state but the last, with a reason', async () => {
    const keys = [await registered(), await proved(), await activated()];
    for (const by of [people.researcher, people.partnerships, people.approver, people.labSignatory, people.admin]) {
      expect((await revoke(by, keys[2]!)).status).toBe(403);
    }
    const [first, second_, third] = [people.partnerSignatory, people.partnerAdmin, people.compliance];
    for (const [at, by] of [first, second_, third].entries()) {
      stage.clock.advance(second);
      const { body } = await revoke(by, keys[at]!);
      expect(body).toMatchObject({
        state: 'revoked',
        endReason: 'It may have leaked.',
        endedAt: stage.clock.now().toISOString(),
        allowedActions: [],
      });
      expect((await revoke(by, keys[at]!)).body.code).toBe('move_not_allowed');
      expect(await activeKey(keys[at]!)).toBeNull();
    }
    expect((await approve(people.approver, keys[1]!)).body.code).toBe('move_not_allowed');
  });

  it('of another organisation does not exist, neither to its people nor under its id', async () => {
    const theirs = await callersOf(stage, other.cast);
    const signer = newSigner();
    const key = await registered(signer);
    const answers = [
      await prove(theirs.partnerSignatory, key, signer.sign(key.challenge)),
      await revoke(theirs.partnerSignatory, key),
      await theirs.partnerAdmin.get(`/v1/partners/${story.organisationId}/signing-keys`),
      await register(theirs.partnerAdmin, newSigner()),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    const active = await activated();
    expect(await activeKey(active, other.organisationId)).toBeNull();
    const path = `/v1/partners/${other.organisationId}/signing-keys`;
    const body = { label: 'A', publicKey: newSigner().publicKey, replaces: active.id };
    const foreign = await theirs.partnerAdmin.post<Refused>(path, body);
    expect([foreign.status, foreign.body.pointer]).toEqual([422, '/replaces']);
  });

  it('may be the same in two organisations, neither of which learns of the other', async () => {
    const signer = newSigner();
    const [ours, theirs] = [
      await activated(signer),
      await activateSigningKey(other.cast, other.organisationId, signer),
    ];
    expect(ours.keyId).toBe(theirs.keyId);
    expect((await activeKey(ours))!.id).toBe(ours.id);
    expect((await activeKey(theirs, other.organisationId))!.id).toBe(theirs.id);
  });

  it('is listed to both sides but for researchers, with what it is and was', async () => {
    const key = await proved();
    for (const by of [people.partnerSignatory, people.compliance]) {
      expect((await list(by)).map(({ id }) => id)).toContain(key.id);
    }
    const path = `/v1/partners/${story.organisationId}/signing-keys`;
    expect((await people.researcher.get(path)).status).toBe(403);
  });

  it('changes under an If-Match that names it as it is', async () => {
    const key = await proved();
    const path = `/v1/signing-keys/${key.id}/approvals`;
    const late = await people.approver.post<Refused>(path, undefined, { 'If-Match': '"1"' });
    expect([late.status, late.body.code]).toEqual([412, 'version_mismatch']);
    expect((await people.approver.post(path, undefined, { 'If-Match': '"2"' })).status).toBe(201);
  });
});

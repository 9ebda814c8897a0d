import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { second } from '../../src/kernel/clock.js';
import { SigningKeysService } from '../../src/partners/signing-keys/signing-keys.service.js';
import { Callers, callersOf, countStatuses } from '../setup/caller.js';
import { Answer, given, Given } from '../setup/given.js';
import { activateSigningKey, newSigner, Signer, SigningKey } from '../setup/signing-keys.js';
import { openStage, Stage } from '../setup/stage.js';

type Answered = SigningKey & { code: string; pointer?: string };

describe('the rotation of a signing key', () => {
  let stage: Stage;
  let story: Given;
  let people: Callers;

  beforeAll(async () => {
    stage = await openStage();
    story = await given.activeAgreement(stage);
    people = await callersOf(stage, story.cast);
  });

  afterAll(() => stage.stop());

  /** An active key with the hand that signs for it. */
  async function active(): Promise<{ key: SigningKey; signer: Signer }> {
    const signer = newSigner();
    return { key: await activateSigningKey(story.cast, story.organisationId, signer), signer };
  }

  /** A key that was registered to replace another. */
  async function successor(of: SigningKey): Promise<{ key: SigningKey; signer: Signer }> {
    const signer = newSigner();
    const { body } = await register(signer, of.id);
    return { key: body, signer };
  }

  const register = (signer: Signer, replaces: string): Promise<Answer<Answered>> =>
    people.partnerSignatory.post(`/v1/partners/${story.organisationId}/signing-keys`, {
      label: 'The next one',
      publicKey: signer.publicKey,
      replaces,
    });
  const prove = ({ id }: SigningKey, body: object): Promise<Answer<Answered>> =>
    people.partnerSignatory.post(`/v1/signing-keys/${id}/proof`, body);
  const bothSign = ({ key, signer }: { key: SigningKey; signer: Signer }, old: Signer) =>
    prove(key, { signature: signer.sign(key.challenge), predecessorSignature: old.sign(key.challenge) });
  const approvals = async ({ id }: SigningKey): Promise<Answer<Answered>> => {
    await people.partnerships.post(`/v1/signing-keys/${id}/approvals`);
    return people.approver.post(`/v1/signing-keys/${id}/approvals`);
  };
  const now = async ({ id }: SigningKey) => {
    const path = `/v1/partners/${story.organisationId}/signing-keys?limit=200`;
    const { body } = await people.compliance.get<{ data: SigningKey[] }>(path);
    return body.data.find((one) => one.id === id)!;
  };
  const signs = async ({ keyId }: SigningKey) => {
    const { manager } = stage.app.get(DataSource);
    return (await stage.app.get(SigningKeysService).activeKey(manager, story.organisationId, keyId)) !== null;
  };

  it('is signed by both keys and ends the old one at the second approval, not before', async () => {
    const old = await active();
    const next = await successor(old.key);
    expect(next.key.replacesId).toBe(old.key.id);
    expect(next.key.challenge).toContain(`replaces: ${old.key.keyId}`);
    expect((await bothSign(next, old.signer)).body.state).toBe('proved');
    await people.partnerships.post(`/v1/signing-keys/${next.key.id}/approvals`);
    expect([await signs(old.key), await signs(next.key)]).toEqual([true, false]);
    stage.clock.advance(second);
    const { body } = await people.approver.post<Answered>(`/v1/signing-keys/${next.key.id}/approvals`);
    expect(body.state).toBe('active');
    expect(await now(old.key)).toMatchObject({
      state: 'replaced',
      endedAt: body.activeAt,
      endReason: `Replaced by the key ${next.key.keyId}.`,
      allowedActions: [],
    });
    expect([await signs(old.key), await signs(next.key)]).toEqual([false, true]);
    const entries = await story.cast.compliance.all<{ action: string }>(`/v1/audit-entries?subject=${old.key.id}`);
    expect(entries[0]!.action).toBe('signing_key.replaced');
  });

  it('is not proved by one of the two, nor by two hands that are one', async () => {
    const old = await active();
    const { key, signer } = await successor(old.key);
    const [own, theirs] = [signer.sign(key.challenge), old.signer.sign(key.challenge)];
    const attempts: [object, string][] = [
      [{ signature: own }, '/predecessorSignature'],
      [{ signature: own, predecessorSignature: own }, '/predecessorSignature'],
      [{ signature: own, predecessorSignature: newSigner().sign(key.challenge) }, '/predecessorSignature'],
      [{ signature: theirs, predecessorSignature: own }, '/signature'],
      [{ signature: theirs, predecessorSignature: theirs }, '/signature'],
    ];
    for (const [body, pointer] of attempts) {
      const { status, body: refused } = await prove(key, body);
      expect([status, refused.code, refused.pointer]).toEqual([422, 'invalid_request', pointer]);
    }
    expect((await bothSign({ key, signer }, old.signer)).status).toBe(201);
  });

  it('needs a predecessor’s signature only where there is a predecessor', async () => {
    const [signer, old] = [newSigner(), await active()];
    const path = `/v1/partners/${story.organisationId}/signing-keys`;
    const body = { label: 'Alone', publicKey: signer.publicKey };
    const { body: key } = await people.partnerSignatory.post<SigningKey>(path, body);
    const refused = await bothSign({ key, signer }, old.signer);
    expect([refused.status, refused.body.pointer]).toEqual([422, '/predecessorSignature']);
  });

  it('replaces an active key of one’s own, and nothing else', async () => {
    const { key: old } = await active();
    const { key: pending } = await successor(old);
    await people.partnerSignatory.post(`/v1/signing-keys/${old.id}/revocation`, { reason: 'It leaked.' });
    for (const id of [pending.id, old.id, story.organisationId]) {
      const { status, body } = await register(newSigner(), id);
      expect([status, body.code, body.pointer]).toEqual([422, 'invalid_request', '/replaces']);
    }
  });

  it('ends with the old key: one that was revoked vouches for no successor, proved already or not', async () => {
    const old = await active();
    const [unproved, unapproved] = [await successor(old.key), await successor(old.key)];
    expect((await bothSign(unapproved, old.signer)).status).toBe(201);
    await people.compliance.post(`/v1/signing-keys/${old.key.id}/revocation`, { reason: 'It leaked.' });
    expect((await bothSign(unproved, old.signer)).body.code).toBe('move_not_allowed');
    expect(await approvals(unapproved.key)).toMatchObject({ status: 409, body: { code: 'move_not_allowed' } });
    expect(await now(unapproved.key)).toMatchObject({ state: 'proved', secondApprovedBy: null });
    expect(await signs(unapproved.key)).toBe(false);
  });

  it('to two successors at once comes to one of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const old = await active();
      const two = [await successor(old.key), await successor(old.key)];
      for (const next of two) {
        await bothSign(next, old.signer);
        await people.partnerships.post(`/v1/signing-keys/${next.key.id}/approvals`);
      }
      const answers = await Promise.all(
        two.map(({ key }) => people.approver.post(`/v1/signing-keys/${key.id}/approvals`)),
      );
      expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
      expect((await now(old.key)).state).toBe('replaced');
    }
  });

  it('at once with the revocation of the old key leaves it ended once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const old = await active();
      const next = await successor(old.key);
      await bothSign(next, old.signer);
      await people.partnerships.post(`/v1/signing-keys/${next.key.id}/approvals`);
      const answers = await Promise.all([
        people.approver.post(`/v1/signing-keys/${next.key.id}/approvals`),
        people.compliance.post(`/v1/signing-keys/${old.key.id}/revocation`, { reason: 'It leaked.' }),
      ]);
      expect(countStatuses(answers)).toEqual({ 201: 1, 409: 1 });
      expect((await now(old.key)).state).toBe(answers[0].status === 201 ? 'replaced' : 'revoked');
      expect(await signs(next.key)).toBe(answers[0].status === 201);
    }
  });
});

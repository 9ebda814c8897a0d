import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager, IsNull, Not } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { keyIdOf } from '../../kernel/ed25519.js';
import { Refusal } from '../../kernel/refusal.js';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { Page, PageQuery } from '../../http/paging.js';
import { PartnerOrganisation } from '../partner-organisation.entity.js';
import { newChallenge } from './challenge.js';
import { PartnerSigningKey } from './partner-signing-key.entity.js';
import { assertPublicKey, assertSigned } from './proof.js';
import { ProveSigningKey, RegisterSigningKey } from './signing-keys.dto.js';

export type SigningKeyView = PartnerSigningKey & { allowedActions: string[] };

/** The keys with which partners sign: registered and proved by the partner, approved by two people of the lab. */
@Injectable()
export class SigningKeysService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  /** Registers a key, which counts for nothing yet; the answer carries the challenge to sign. */
  register(actor: Actor, organisationId: string, body: RegisterSigningKey): Promise<SigningKeyView> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, organisationId);
      partner.assertActive();
      const { label, publicKey, replaces } = body;
      assertPublicKey(publicKey);
      const keyId = keyIdOf(publicKey);
      await assertNew(change, organisationId, keyId);
      const predecessor = replaces === undefined ? null : await this.activeToReplace(change, organisationId, replaces);
      const registered = { organisationId, keyId, publicKey, registeredAt: change.at };
      const key = change.manager.create(PartnerSigningKey, {
        ...registered,
        id: change.newId(),
        label,
        state: PartnerSigningKey.moves.initial,
        registeredBy: actor.id,
        challenge: newChallenge(registered, predecessor?.keyId ?? null),
        provedAt: null,
        firstApprovedBy: null,
        secondApprovedBy: null,
        activeAt: null,
        replacesId: predecessor?.id ?? null,
        endedAt: null,
        endReason: null,
      });
      await change.save(key);
      await change.record('signing_key.registered', key.subject, { label, publicKey, keyId, replaces });
      return view(actor, key);
    });
  }

  /** Takes the proof that the partner holds the private key, and in a rotation that of the key to be replaced. */
  prove(actor: Actor, id: string, body: ProveSigningKey): Promise<SigningKeyView> {
    return this.changes.run(actor, async (change) => {
      const key = await change.hold(PartnerSigningKey, id);
      const event = key.prove(change.at);
      assertSigned(key, body.signature, '/signature');
      await this.assertPredecessorSigned(change, key, body.predecessorSignature);
      await change.save(key);
      await change.record(event, key.subject, { keyId: key.keyId, ...body });
      return view(actor, key);
    });
  }

  /** Gives one of the two approvals; at the second the key becomes active, and the one that it replaces ends. */
  approve(actor: Actor, id: string): Promise<SigningKeyView> {
    return this.changes.run(actor, async (change) => {
      const key = await change.hold(PartnerSigningKey, id);
      const event = key.approve(actor);
      // Held, so that no key becomes active while its organisation is being offboarded; and held only now: an active
      // key, which a successor's approval may be waiting for, was refused above.
      (await change.hold(PartnerOrganisation, key.organisationId)).assertActive();
      await change.record(event, key.subject, { keyId: key.keyId });
      if (key.isApproved) await this.activate(change, key);
      await change.save(key);
      return view(actor, key);
    });
  }

  /** Ends a key for good. What it signed before stays signed. */
  revoke(actor: Actor, id: string, reason: string): Promise<SigningKeyView> {
    return this.changes.run(actor, async (change) => {
      const key = await change.hold(PartnerSigningKey, id);
      const event = key.revoke(change, reason);
      await change.save(key);
      await change.record(event, key.subject, { keyId: key.keyId, reason });
      return view(actor, key);
    });
  }

  /** Every key that a partner ever registered, newest first. */
  async list(actor: Actor, organisationId: string, query: PageQuery): Promise<Page<SigningKeyView>> {
    await findOwned(this.database, PartnerOrganisation, actor, organisationId);
    const listing = { actor, query, where: { organisationId } };
    const { data, nextCursor } = await pageOfOwned(this.database, PartnerSigningKey, listing);
    return { data: data.map((key) => view(actor, key)), nextCursor };
  }

  /**
   * The key with which an organisation may sign now, by its key id; null when it has no such key, the key is not active,
   * or the organisation is not.
   */
  async activeKey(manager: EntityManager, organisationId: string, keyId: string): Promise<PartnerSigningKey | null> {
    const partner = { id: organisationId, state: 'active' as const };
    if (!(await manager.existsBy(PartnerOrganisation, partner))) return null;
    return manager.findOneBy(PartnerSigningKey, { organisationId, keyId, state: 'active' });
  }

  private async activeToReplace(change: Change, organisationId: string, id: string): Promise<PartnerSigningKey> {
    const key = await change.manager.findOneBy(PartnerSigningKey, { id, organisationId, state: 'active' });
    if (key) return key;
    const more = { pointer: '/replaces', expected: 'the id of an active signing key of your organisation' };
    throw new Refusal('invalid_request', 'There is no such active key.', more);
  }

  private async assertPredecessorSigned(change: Change, key: PartnerSigningKey, signature?: string): Promise<void> {
    const pointer = '/predecessorSignature';
    if (key.replacesId === null) {
      if (signature === undefined) return;
      throw new Refusal('invalid_request', 'This key replaces none.', { pointer, expected: 'nothing' });
    }
    const predecessor = await change.manager.findOneByOrFail(PartnerSigningKey, { id: key.replacesId });
    if (predecessor.state !== 'active') {
      throw new Refusal('move_not_allowed', 'The key to be replaced is not active any more; register this one anew.');
    }
    if (signature === undefined) {
      const expected = 'the signature of the challenge by the key to be replaced';
      throw new Refusal('invalid_request', 'A rotation is signed by both keys.', { pointer, expected });
    }
    assertSigned({ publicKey: predecessor.publicKey, challenge: key.challenge }, signature, pointer);
  }

  private async activate(change: Change, key: PartnerSigningKey): Promise<void> {
    if (key.replacesId !== null) {
      const predecessor = await change.hold(PartnerSigningKey, key.replacesId);
      const event = predecessor.replaceBy(key, change.at);
      await change.save(predecessor);
      await change.record(event, predecessor.subject, { keyId: predecessor.keyId, by: key.keyId });
    }
    await change.record(key.activate(change.at), key.subject, { keyId: key.keyId });
  }
}

// A key that was ever proved is known for good: one that was revoked does not come back under another name.
async function assertNew(change: Change, organisationId: string, keyId: string): Promise<void> {
  const known = await change.manager.existsBy(PartnerSigningKey, { organisationId, keyId, provedAt: Not(IsNull()) });
  if (known) throw new Refusal('already_exists', 'This key was registered before.', { pointer: '/publicKey' });
}

function view(actor: Actor, key: PartnerSigningKey): SigningKeyView {
  return Object.assign(key, { allowedActions: PartnerSigningKey.moves.allowedTo(actor, key.state) });
}

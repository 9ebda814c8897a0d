import { Injectable } from '@nestjs/common';
import { IsNull, MoreThan } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { minute } from '../kernel/clock.js';
import { Refusal } from '../kernel/refusal.js';
import { Terms } from '../terms/terms.js';
import { Agreement } from '../agreements/agreement.entity.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { ApiKey } from './api-key.entity.js';
import { KeyFitting } from './key-fitting.service.js';
import { KeyRequest } from './key-request.entity.js';
import { KeySecret } from './key-secret.entity.js';
import { KeyView, KeyViews } from './key-views.service.js';
import { RotateKey } from './keys.dto.js';
import { makeSecret, NewSecret, WantedSecret } from './wanted-secret.js';

/** A key with its secret, as the one answer shows it that may. */
export type KeyWithSecret = KeyView & Pick<NewSecret, 'key' | 'sealedKey'>;

/** For how many minutes a replaced secret still works, where nobody says otherwise. */
const usualOverlapMinutes = 60;

/** Secrets of keys: issued once to their researcher, and replaced by them. */
@Injectable()
export class KeyIssuing {
  constructor(
    private readonly changes: Changes,
    private readonly fitting: KeyFitting,
    private readonly keyViews: KeyViews,
  ) {}

  /** Issues the key of an approved request. The secret is in this answer and nowhere else. */
  claim(actor: Actor, requestId: string, wanted: WantedSecret = {}): Promise<KeyWithSecret> {
    return this.changes.run(actor, async (change) => {
      const request = await change.hold(KeyRequest, requestId);
      if (request.requestedBy !== actor.id) throw new Refusal('forbidden', 'Only who asked for a key may claim it.');
      // The agreement is held so that two claims cannot both take the last key its terms allow.
      await change.lock(Agreement, request.agreementId);
      const event = request.move('claim', change.at);
      const { terms } = await this.fitting.assertFits(change, request);
      await assertRoom(change, request, terms);
      const secret = await makeSecret(wanted);
      const key = await change.save(newApiKey(change, request, secret.publicId));
      await keep(change, key, secret);
      await change.save(request);
      await change.record(event, request.subject);
      const { publicId, origin } = secret;
      await change.record('key.issued', key.subject, { publicId, requestId, expiresAt: request.expiresAt, origin });
      return this.withSecret(change, key, secret);
    });
  }

  /**
   * Gives a key a new secret. Its identity and what it has used stay; the old secret works on for the overlap, and one
   * that was being replaced already until the end it had, but no longer than the old one: a rotation without an overlap
   * leaves nothing at work that leaked.
   */
  rotate(actor: Actor, id: string, { overlapMinutes = usualOverlapMinutes, ...wanted }: RotateKey) {
    return this.changes.run(actor, async (change) => {
      const key = await change.hold(ApiKey, id);
      const event = key.rotate(actor, change.at);
      const secret = await makeSecret(wanted, key.publicId);
      const endsAt = new Date(change.at.getTime() + overlapMinutes * minute);
      const replaced = [{ endsAt: IsNull() }, { endsAt: MoreThan(endsAt) }];
      for (const those of replaced) await change.manager.update(KeySecret, { keyId: id, ...those }, { endsAt });
      await keep(change, key, secret);
      await change.save(key);
      await change.record(event, key.subject, { publicId: key.publicId, oldEndsAt: endsAt, origin: secret.origin });
      return this.withSecret(change, key, secret);
    });
  }

  private async withSecret(change: Change, issued: ApiKey, secret: NewSecret): Promise<KeyWithSecret> {
    const view = await this.keyViews.view(change.manager, change.actor, issued);
    const { key, sealedKey } = secret;
    return Object.assign(view, { key, sealedKey });
  }
}

async function assertRoom(change: Change, { agreementId, requestedBy }: KeyRequest, { keys }: Terms): Promise<void> {
  const live = { agreementId, revokedAt: IsNull(), expiresAt: MoreThan(change.at) };
  const total = await change.manager.countBy(ApiKey, live);
  const own = await change.manager.countBy(ApiKey, { ...live, researcherId: requestedBy });
  const { maxActiveTotal, maxActivePerResearcher, clauseRef } = keys;
  if (total < maxActiveTotal && own < maxActivePerResearcher) return;
  const detail = `At most ${maxActiveTotal} live keys, ${maxActivePerResearcher} a researcher (clause ${clauseRef}).`;
  throw new Refusal('limit_reached', detail);
}

async function keep(change: Change, { id: keyId }: ApiKey, { hash, origin }: NewSecret): Promise<void> {
  const secret = { id: change.newId(), keyId, hash, origin, issuedAt: change.at, endsAt: null };
  await change.save(change.manager.create(KeySecret, secret));
}

function newApiKey(change: Change, request: KeyRequest, publicId: string): ApiKey {
  const { organisationId, agreementId, campaignId, requestedBy, id: requestId, expiresAt } = request;
  const { models, capabilities, endpoints, networks, quotas } = request;
  return change.manager.create(ApiKey, {
    id: change.newId(),
    publicId,
    organisationId,
    agreementId,
    campaignId,
    researcherId: requestedBy,
    requestId,
    models,
    capabilities,
    endpoints,
    networks,
    quotas,
    issuedAt: change.at,
    rotatedAt: null,
    expiresAt,
    revokedAt: null,
    revokedBy: null,
    revocationReason: null,
  });
}

import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager, In, IsNull } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { sha256Hex } from '../kernel/digests.js';
import { Refusal } from '../kernel/refusal.js';
import { Changes } from '../audit/changes.js';
import { pageOfOwned } from '../audit/owned.js';
import { Page, PageQuery } from '../http/paging.js';
import { GatewayCredential } from './gateway-credential.entity.js';
import { newSecret } from './secrets.js';

const pattern = /^Bearer (parley_gateway_[A-Za-z0-9_-]{43})$/;

/** The hash (hex) of the credential in an Authorization header; null when the header carries none. */
export function credentialHash(authorization: string | undefined): string | null {
  const secret = pattern.exec(authorization ?? '')?.[1];
  return secret === undefined ? null : sha256Hex(secret);
}

/** Issues, checks and revokes the credentials of inference gateways. */
@Injectable()
export class GatewayCredentialsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  /** A new credential; its secret is in this answer and nowhere else. */
  create(actor: Actor, name: string): Promise<GatewayCredential & { secret: string }> {
    return this.changes.run(actor, async (change) => {
      const { secret, hash } = newSecret('parley_gateway');
      const row = { id: change.newId(), name, secretHash: hash, createdAt: change.at, revokedAt: null };
      const credential = await change.save(change.manager.create(GatewayCredential, row));
      await change.record('gateway_credential.issued', credential.subject, { name });
      return Object.assign(credential, { secret });
    });
  }

  /** The gateway that an Authorization header speaks for; null when it is no credential of a gateway in good standing. */
  async authenticate(authorization: string | undefined): Promise<Actor | null> {
    const hash = credentialHash(authorization);
    if (hash === null) return null;
    return (await this.authenticateAll(this.database.manager, [hash])).get(hash) ?? null;
  }

  /** The gateways in good standing behind these hashes (see `credentialHash`), in one query. */
  async authenticateAll(manager: EntityManager, hashes: readonly string[]): Promise<Map<string, Actor>> {
    const secretHash = In([...new Set(hashes)].map((hash) => Buffer.from(hash, 'hex')));
    const found = await manager.findBy(GatewayCredential, { secretHash, revokedAt: IsNull() });
    return new Map(found.map((credential) => [credential.secretHash.toString('hex'), credential.actor]));
  }

  list(actor: Actor, query: PageQuery): Promise<Page<GatewayCredential>> {
    return pageOfOwned(this.database, GatewayCredential, { actor, query });
  }

  /** Ends a credential for good, from the next request on. */
  revoke(actor: Actor, id: string): Promise<GatewayCredential> {
    return this.changes.run(actor, async (change) => {
      const credential = await change.hold(GatewayCredential, id);
      if (credential.revokedAt) throw new Refusal('move_not_allowed', 'The credential is revoked already.');
      credential.revokedAt = change.at;
      await change.save(credential);
      await change.record('gateway_credential.revoked', credential.subject);
      return credential;
    });
  }
}

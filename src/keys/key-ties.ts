import { Injectable, OnModuleInit } from '@nestjs/common';
import { EntityManager, IsNull, MoreThan } from 'typeorm';
import { PartnerTies, Tie } from '../partners/ties.js';
import { ApiKey } from './api-key.entity.js';

/** Tells that live keys bind their partner. */
@Injectable()
export class KeyTies implements OnModuleInit {
  constructor(private readonly ties: PartnerTies) {}

  onModuleInit(): void {
    this.ties.register(liveKeys);
  }
}

/** The keys of an organisation that were not revoked and have not expired; a stopped one is live, for stops end. */
async function liveKeys(manager: EntityManager, organisationId: string, at: Date): Promise<Tie[]> {
  const where = { organisationId, revokedAt: IsNull(), expiresAt: MoreThan(at) };
  const keys = await manager.find(ApiKey, { where, order: { id: 'ASC' } });
  return keys.map(({ id, publicId, expiresAt }) => ({
    kind: 'key',
    id,
    detail: `The key ${publicId} is live until ${expiresAt.toISOString()}; revoke it or wait.`,
  }));
}

import { Injectable } from '@nestjs/common';
import { EntityManager, In } from 'typeorm';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { AgreementVersion } from './agreement-version.entity.js';
import { Agreement } from './agreement.entity.js';
import { expiryOf } from './status.js';
import { versionAt } from './versions.js';

/** A version without its bytes and its bundle, which lists have no use for. */
export type VersionHead = Omit<AgreementVersion, 'canonical' | 'evidence'>;

/** The executed texts of agreements, for whoever acts under them. */
@Injectable()
export class VersionsService {
  /**
   * The version that new work goes by: the one in force, or the first one before it begins. Refuses where the agreement
   * is not executed, has expired or has ended.
   */
  async current(change: Change, agreement: Agreement): Promise<VersionHead> {
    const versions = (await this.of(change.manager, [agreement.id])).get(agreement.id);
    if (!versions) throw new Refusal('move_not_allowed', 'The agreement is not executed.');
    if (agreement.endedAt !== null && agreement.endedAt <= change.at) {
      throw new Refusal('move_not_allowed', `The agreement was ${agreement.state}.`);
    }
    const version = versionAt(versions, change.at) ?? versions[0]!;
    if (change.at >= expiryOf(version.terms)) throw new Refusal('move_not_allowed', 'The agreement has expired.');
    return version;
  }

  /** The executed versions of each agreement that has any, first ones first. */
  async of(manager: EntityManager, agreementIds: readonly string[]): Promise<Map<string, VersionHead[]>> {
    const versions = await manager.find(AgreementVersion, {
      select: heads,
      where: { agreementId: In([...agreementIds]) },
      order: { number: 'ASC' },
    });
    return Map.groupBy(versions, ({ agreementId }) => agreementId);
  }

  /** The newest executed version, which amendments are based on; null before execution. */
  newest(manager: EntityManager, agreementId: string): Promise<AgreementVersion | null> {
    return manager.findOne(AgreementVersion, { where: { agreementId }, order: { number: 'DESC' } });
  }

  /** One executed version, whole. */
  async numbered(manager: EntityManager, agreementId: string, number: number): Promise<AgreementVersion> {
    const version = await manager.findOneBy(AgreementVersion, { agreementId, number });
    if (!version) throw new Refusal('not_found');
    return version;
  }
}

const heads = {
  id: true,
  agreementId: true,
  organisationId: true,
  number: true,
  kind: true,
  textId: true,
  round: true,
  effectiveFrom: true,
  digest: true,
  terms: true,
  executedAt: true,
} as const;

import { Injectable } from '@nestjs/common';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { AgreementVersion } from './agreement-version.entity.js';
import { Agreement } from './agreement.entity.js';

/** The executed texts of agreements, for whoever acts under them. */
@Injectable()
export class VersionsService {
  /** The version that new work goes by; refuses where the agreement is not executed or has expired. */
  async current(change: Change, agreement: Agreement): Promise<AgreementVersion> {
    const version = await change.manager.findOne(AgreementVersion, {
      where: { agreementId: agreement.id },
      order: { number: 'DESC' },
    });
    if (!version) throw new Refusal('move_not_allowed', 'The agreement is not executed.');
    if (change.at >= new Date(version.terms.term.expiresAt)) {
      throw new Refusal('move_not_allowed', 'The agreement has expired.');
    }
    return version;
  }
}

import { Injectable } from '@nestjs/common';
import { Terms } from '../terms/terms.js';
import { Agreement } from '../agreements/agreement.entity.js';
import { NoticesService } from '../agreements/notices/notices.service.js';
import { VersionsService } from '../agreements/versions.service.js';
import { Change } from '../audit/change.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { assertFits } from '../campaigns/fit.js';
import { RosterService } from '../campaigns/roster/roster.service.js';
import { KeyRequest } from './key-request.entity.js';
import { scopeFaults } from './scope.js';

/** What a key stands on when it is asked for, approved or issued. */
export interface KeyGround {
  campaign: Campaign;
  terms: Terms;
}

/** Holds keys to what stands now: the campaign may have ended and the terms may have been amended since one was asked for. */
@Injectable()
export class KeyFitting {
  constructor(
    private readonly versions: VersionsService,
    private readonly notices: NoticesService,
    private readonly roster: RosterService,
  ) {}

  /**
   * Refuses a key of a campaign that is not under way (`move_not_allowed`), while a breach is open, whose researcher may
   * hold none, or whose scope leaves campaign or terms (`outside_agreement`).
   */
  async assertFits(change: Change, request: KeyRequest): Promise<KeyGround> {
    const { agreementId, campaignId, requestedBy } = request;
    const campaign = await change.manager.findOneByOrFail(Campaign, { id: campaignId });
    campaign.assertActive();
    await this.notices.assertNoOpenBreach(change.manager, agreementId);
    const agreement = await change.manager.findOneByOrFail(Agreement, { id: agreementId });
    const { terms } = await this.versions.current(change, agreement);
    await this.roster.assertMayHoldKeys(change, agreementId, terms, requestedBy);
    assertFits(scopeFaults(terms, campaign, request, change.at));
    return { campaign, terms };
  }
}

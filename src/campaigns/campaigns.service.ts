import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { UserAccount } from '../access/user-account.entity.js';
import { Agreement } from '../agreements/agreement.entity.js';
import { NoticesService } from '../agreements/notices/notices.service.js';
import { ObligationMaking } from '../agreements/obligations/obligation-making.service.js';
import { VersionsService } from '../agreements/versions.service.js';
import { Changes } from '../audit/changes.js';
import { findOwned, pageOfOwned } from '../audit/owned.js';
import { Page } from '../http/paging.js';
import { Campaign, CampaignCommand } from './campaign.entity.js';
import { AgreementQuery, ProposeCampaign } from './campaigns.dto.js';
import { assertFits, misfits } from './fit.js';

export type CampaignView = Campaign & { allowedActions: string[] };

/** Campaigns: proposed by the partner, approved by the lab, and the frame of every key. */
@Injectable()
export class CampaignsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly versions: VersionsService,
    private readonly notices: NoticesService,
    private readonly obligations: ObligationMaking,
  ) {}

  propose(actor: Actor, agreementId: string, body: ProposeCampaign): Promise<CampaignView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, agreementId);
      const { terms } = await this.versions.current(change, agreement);
      const window = { startsAt: new Date(body.startsAt), endsAt: new Date(body.endsAt) };
      assertFits(misfits(terms, { ...body, ...window }));
      const { organisationId } = agreement;
      if (!(await change.manager.existsBy(UserAccount, { id: body.leadId, organisationId }))) {
        const expected = 'the id of a member of the partner';
        throw new Refusal('invalid_request', 'The lead is no member.', { pointer: '/leadId', expected });
      }
      const campaign = change.manager.create(Campaign, {
        ...body,
        ...window,
        id: change.newId(),
        organisationId,
        agreementId,
        state: Campaign.moves.initial,
        proposedBy: actor.id,
        approvedBy: null,
      });
      await change.save(campaign);
      await change.record('campaign.proposed', campaign.subject, { ...body });
      return view(actor, campaign);
    });
  }

  /** Gives one command of the campaign's table. */
  command(actor: Actor, id: string, command: CampaignCommand): Promise<CampaignView> {
    return this.changes.run(actor, async (change) => {
      const campaign = await change.hold(Campaign, id);
      const event = campaign.move(command, actor);
      if (command === 'approve') await this.notices.assertNoOpenBreach(change.manager, campaign.agreementId);
      await change.save(campaign);
      await change.record(event, campaign.subject);
      if (command === 'complete') await this.obligations.campaignEnded(change, campaign);
      return view(actor, campaign);
    });
  }

  async find(actor: Actor, id: string): Promise<CampaignView> {
    return view(actor, await findOwned(this.database, Campaign, actor, id));
  }

  async list(actor: Actor, query: AgreementQuery): Promise<Page<CampaignView>> {
    const where = query.agreementId === undefined ? {} : { agreementId: query.agreementId };
    const { data, nextCursor } = await pageOfOwned(this.database, Campaign, { actor, query, where });
    return { data: data.map((campaign) => view(actor, campaign)), nextCursor };
  }
}

function view(actor: Actor, campaign: Campaign): CampaignView {
  return Object.assign(campaign, { allowedActions: Campaign.moves.allowedTo(actor, campaign.state) });
}

import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { modelIdOf } from '../terms/deciding/clauses.js';
import { overlaps } from '../terms/purposes.js';
import { Terms } from '../terms/terms.js';
import { VersionsService } from '../agreements/versions.service.js';
import { versionAt } from '../agreements/versions.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { coversAll, isAbout, SuspensionsService } from '../suspensions/suspensions.service.js';
import { Campaign, CampaignStatus } from './campaign.entity.js';

/** A campaign with what follows from facts. */
export type CampaignView = Campaign & {
  status: CampaignStatus;
  /** Every stop in force that touches it, whatever its scope. */
  suspensions: Suspension[];
  allowedActions: string[];
};

/** Campaigns as people see them: with their status, what stops them and what may be done. */
@Injectable()
export class CampaignViews {
  constructor(
    private readonly clock: Clock,
    private readonly suspensions: SuspensionsService,
    private readonly versions: VersionsService,
  ) {}

  /** Campaigns as they stand now, by two queries however many they are. */
  async views(manager: EntityManager, actor: Actor, campaigns: readonly Campaign[]): Promise<CampaignView[]> {
    const at = this.clock.now();
    const organisations = [...new Set(campaigns.map(({ organisationId }) => organisationId))];
    const stops = await this.suspensions.inForce(manager, organisations, at);
    const agreements = [...new Set(campaigns.map(({ agreementId }) => agreementId))];
    const versions = await this.versions.of(manager, agreements);
    return campaigns.map((campaign) => {
      const own = versions.get(campaign.agreementId) ?? [];
      const { terms } = versionAt(own, at) ?? own[0]!;
      const suspensions = stops.filter((stop) => touches(stop, campaign, terms));
      const stopped = suspensions.some((stop) => coversAll(stop) || stop.scope === 'campaign');
      const status = campaign.statusAt(at, stopped);
      const allowedActions = Campaign.moves.allowedTo(actor, campaign.state);
      return Object.assign(campaign, { status, suspensions, allowedActions });
    });
  }

  /** One campaign as it stands now, for a change under way or afterwards. */
  async view(manager: EntityManager, actor: Actor, campaign: Campaign): Promise<CampaignView> {
    const [view] = await this.views(manager, actor, [campaign]);
    return view!;
  }
}

function touches(stop: Suspension, campaign: Campaign, terms: Terms): boolean {
  const { id, purpose, models } = campaign;
  if (!isAbout(stop, campaign)) return false;
  if (stop.scope === 'campaign') return stop.target === id;
  if (stop.scope === 'purpose') return overlaps(stop.target, purpose);
  if (stop.scope === 'model') {
    return models.some((model) => model === stop.target || modelIdOf(terms, model) === stop.target);
  }
  return coversAll(stop);
}

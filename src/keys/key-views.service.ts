import { Injectable } from '@nestjs/common';
import { EntityManager, In, IsNull } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock, day } from '../kernel/clock.js';
import { bindingEnd, Ending } from '../terms/deciding/binding-end.js';
import { Agreement } from '../agreements/agreement.entity.js';
import { VersionHead, VersionsService } from '../agreements/versions.service.js';
import { versionAt } from '../agreements/versions.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { RosterEntry } from '../campaigns/roster/roster-entry.entity.js';
import { entryAt } from '../campaigns/roster/roster-standing.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { coversAll, isAbout, SuspensionsService } from '../suspensions/suspensions.service.js';
import { ApiKey, KeyCommand, KeyStatus } from './api-key.entity.js';
import { EffectiveScope, effectiveScope } from './effective-scope.js';
import { KeySecret } from './key-secret.entity.js';

/** A key with what follows from facts. */
export type KeyView = ApiKey & {
  status: KeyStatus;
  endsAt: Date;
  endsWith: Ending;
  effective: EffectiveScope;
  /** The stops in force that stop all of it; a stop of one of its models or its purpose shows in its standing. */
  suspensions: Suspension[];
  secrets: KeySecret[];
  rotateBy: Date;
  allowedActions: KeyCommand[];
};

/** What keys stand on, read for many at once. */
interface Ground {
  agreements: Map<string, Agreement>;
  versions: Map<string, VersionHead[]>;
  campaigns: Map<string, Campaign>;
  roster: RosterEntry[];
  stops: Suspension[];
  secrets: Map<string, KeySecret[]>;
}

/** Keys as people see them: what they may be used for, until when, and what stops them. */
@Injectable()
export class KeyViews {
  constructor(
    private readonly clock: Clock,
    private readonly versions: VersionsService,
    private readonly suspensions: SuspensionsService,
  ) {}

  /** Keys as they stand now, by six queries however many they are. */
  async views(manager: EntityManager, actor: Actor, keys: readonly ApiKey[]): Promise<KeyView[]> {
    const at = this.clock.now();
    const ground = await this.groundOf(manager, keys, at);
    return keys.map((key) => viewOf(key, ground, { actor, at }));
  }

  /** One key as it stands now, for a change under way or afterwards. */
  async view(manager: EntityManager, actor: Actor, key: ApiKey): Promise<KeyView> {
    const [view] = await this.views(manager, actor, [key]);
    return view!;
  }

  private async groundOf(manager: EntityManager, keys: readonly ApiKey[], at: Date): Promise<Ground> {
    const all = (name: 'agreementId' | 'campaignId' | 'organisationId' | 'id') => [
      ...new Set(keys.map((k) => k[name])),
    ];
    const agreements = all('agreementId');
    const secrets = await manager.find(KeySecret, { where: { keyId: In(all('id')) }, order: { issuedAt: 'DESC' } });
    return {
      agreements: byId(await manager.findBy(Agreement, { id: In(agreements) })),
      versions: await this.versions.of(manager, agreements),
      campaigns: byId(await manager.findBy(Campaign, { id: In(all('campaignId')) })),
      roster: await manager.find(RosterEntry, {
        where: { agreementId: In(agreements), removedAt: IsNull() },
        order: { startsAt: 'ASC' },
      }),
      stops: await this.suspensions.inForce(manager, all('organisationId'), at),
      secrets: Map.groupBy(secrets, ({ keyId }) => keyId),
    };
  }
}

function viewOf(key: ApiKey, ground: Ground, { actor, at }: { actor: Actor; at: Date }): KeyView {
  const versions = ground.versions.get(key.agreementId)!;
  const { terms } = versionAt(versions, at) ?? versions[0]!;
  const campaign = ground.campaigns.get(key.campaignId)!;
  const own = ground.roster.filter((one) => one.agreementId === key.agreementId && one.userId === key.researcherId);
  const end = bindingEnd(terms, {
    key,
    roster: { until: entryAt(own, at)?.endsAt ?? null },
    campaign,
    agreement: ground.agreements.get(key.agreementId)!,
  });
  const suspensions = ground.stops.filter((stop) => stopsAll(stop, key));
  const secrets = ground.secrets.get(key.id) ?? [];
  const current = secrets.find(({ endsAt }) => endsAt === null)!;
  return Object.assign(key, {
    endsAt: end.expiresAt,
    endsWith: end.endsWith,
    status: statusOf(key, { endsAt: end.expiresAt, stopped: suspensions.length > 0 }, at),
    effective: effectiveScope(terms, campaign, key, at),
    suspensions,
    secrets: [current, ...secrets.filter(({ endsAt }) => endsAt !== null && endsAt > at)],
    rotateBy: new Date(current.issuedAt.getTime() + terms.keys.rotationDays * day),
    allowedActions: key.allowedTo(actor),
  });
}

function statusOf({ revokedAt }: ApiKey, { endsAt, stopped }: { endsAt: Date; stopped: boolean }, at: Date): KeyStatus {
  if (revokedAt) return 'revoked';
  if (endsAt <= at) return 'expired';
  return stopped ? 'suspended' : 'active';
}

function stopsAll(stop: Suspension, key: ApiKey): boolean {
  const targets = [key.id, key.campaignId, key.researcherId];
  return isAbout(stop, key) && (coversAll(stop) || targets.includes(stop.target));
}

function byId<T extends { id: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

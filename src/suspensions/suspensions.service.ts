import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager, In, IsNull, LessThanOrEqual, MoreThan } from 'typeorm';
import { Actor, partyOf } from '../kernel/actor.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { pageOfOwned } from '../audit/owned.js';
import { Page } from '../http/paging.js';
import { Suspension, suspensionScopes } from './suspension.entity.js';
import { CreateSuspension, SuspensionQuery } from './suspensions.dto.js';

/** What is stopped. The folder that owns it checks that it exists and whose it is. */
export interface StopTarget {
  scope: (typeof suspensionScopes)[number];
  target: string;
  organisationId: string;
  agreementId: string | null;
}

/** Whether a stop is about an agreement, all of it or something in it: about that one, or about its whole organisation. */
export function isAbout(
  stop: Pick<Suspension, 'organisationId' | 'agreementId'>,
  place: { organisationId: string; agreementId: string },
): boolean {
  return stop.organisationId === place.organisationId && (stop.agreementId ?? place.agreementId) === place.agreementId;
}

/** Whether a stop covers the whole of every agreement that it touches. */
export function coversAll({ scope }: Pick<Suspension, 'scope'>): boolean {
  return scope === 'organisation' || scope === 'agreement';
}

/** Scoped stops: made by one person, lifted by two. */
@Injectable()
export class SuspensionsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  /** Stops something within a change that its own context opened. It holds from the moment the change commits. */
  async suspend(change: Change, target: StopTarget, because: CreateSuspension): Promise<Suspension> {
    const suspension = change.manager.create(Suspension, {
      ...target,
      id: change.newId(),
      reasonCode: because.reasonCode,
      reason: because.reason,
      suspendedBy: change.actor.id,
      suspendedSide: partyOf(change.actor),
      suspendedAt: change.at,
      liftProposedBy: null,
      liftProposedAt: null,
      liftedBy: null,
      liftedAt: null,
    });
    await change.save(suspension);
    await change.record(`${target.scope}.suspended`, suspension.subject, { ...target, ...because });
    return suspension;
  }

  proposeLift(actor: Actor, id: string): Promise<Suspension> {
    return this.changes.run(actor, async (change) => {
      const suspension = await change.hold(Suspension, id);
      suspension.proposeLift(actor, change.at);
      await change.save(suspension);
      await change.record('suspension.lift_proposed', suspension.subject);
      return suspension;
    });
  }

  lift(actor: Actor, id: string): Promise<Suspension> {
    return this.changes.run(actor, async (change) => {
      const suspension = await change.hold(Suspension, id);
      suspension.lift(change);
      await change.save(suspension);
      await change.record('suspension.lifted', suspension.subject, { scope: suspension.scope });
      return suspension;
    });
  }

  /** Every stop of these organisations that is in force at an instant, whatever its scope, oldest first. */
  inForce(manager: EntityManager, organisationIds: readonly string[], at: Date): Promise<Suspension[]> {
    const within = { organisationId: In([...organisationIds]), suspendedAt: LessThanOrEqual(at) };
    return manager.find(Suspension, {
      where: [
        { ...within, liftedAt: IsNull() },
        { ...within, liftedAt: MoreThan(at) },
      ],
      order: { id: 'ASC' },
    });
  }

  /** Whether a stop by the lab for this very reason is in force. Another may be lifted without a look at this reason. */
  holds(
    manager: EntityManager,
    { scope, target, organisationId }: StopTarget,
    reasonCode: Suspension['reasonCode'],
  ): Promise<boolean> {
    const because = { reasonCode, suspendedSide: 'lab', liftedAt: IsNull() };
    return manager.existsBy(Suspension, { organisationId, scope, target, ...because });
  }

  list(actor: Actor, query: SuspensionQuery): Promise<Page<Suspension>> {
    const where = {
      ...(query.agreementId !== undefined && { agreementId: query.agreementId }),
      ...(query.inForce === 'true' && { liftedAt: IsNull() }),
    };
    return pageOfOwned(this.database, Suspension, { actor, query, where });
  }
}

import { Injectable, OnModuleInit } from '@nestjs/common';
import { EntityManager, In, LessThanOrEqual } from 'typeorm';
import { day } from '../../kernel/clock.js';
import { Agreement } from '../agreement.entity.js';
import { Boundary, Sweeper } from '../sweep/sweeper.js';
import { VersionsService } from '../versions.service.js';
import { ObligationMaking, openingDetail, plannedId } from './obligation-making.service.js';
import { Obligation } from './obligation.entity.js';
import { obligationsDue } from './schedule.js';

/** How many days before it is due an open obligation is brought to mind. */
const dueSoonDays = 7;

/** What time brings about for obligations: that they begin, that they are due soon, that they are overdue. */
@Injectable()
export class ObligationBoundaries implements OnModuleInit {
  constructor(
    private readonly sweeper: Sweeper,
    private readonly versions: VersionsService,
    private readonly making: ObligationMaking,
  ) {}

  onModuleInit(): void {
    this.sweeper.register((manager, at) => this.beginning(manager, at));
    this.sweeper.register((manager, at) => dueOrSoon(manager, at));
  }

  /** All that has ever come to be owed: after a stop of any length, what was missed is made too. */
  private async beginning(manager: EntityManager, at: Date): Promise<Boundary[]> {
    const agreements = await manager.findBy(Agreement, { state: In(['executed', 'terminated', 'superseded']) });
    const versions = await this.versions.of(
      manager,
      agreements.map(({ id }) => id),
    );
    return agreements.flatMap(({ id: agreementId, organisationId, endedAt }) =>
      obligationsDue(versions.get(agreementId) ?? [], endedAt, at).map((planned) => ({
        subject: { kind: 'obligation', id: plannedId(agreementId, planned), organisationId },
        event: 'obligation.opened',
        boundary: planned.beginsAt,
        detail: openingDetail(agreementId, planned),
        apply: (change) => this.making.begin(change, agreementId, planned),
      })),
    );
  }
}

/** Open obligations whose time is over, and those whose time soon will be. */
async function dueOrSoon(manager: EntityManager, at: Date): Promise<Boundary[]> {
  const soon = new Date(at.getTime() + dueSoonDays * day);
  const open = await manager.findBy(Obligation, { state: 'open', dueAt: LessThanOrEqual(soon) });
  return open.flatMap((obligation) => (obligation.dueAt <= at ? overdue(obligation) : dueSoon(obligation)));
}

function overdue(obligation: Obligation): Boundary {
  const { dueAt: boundary, ownerId } = obligation;
  return { ...stillOpen(obligation), event: 'obligation.overdue', boundary, detail: { ownerId } };
}

/** What was made within those very days is told of as made; nobody needs to hear twice. */
function dueSoon(obligation: Obligation): Boundary[] {
  const { dueAt, madeAt, ownerId } = obligation;
  const boundary = new Date(dueAt.getTime() - dueSoonDays * day);
  if (madeAt > boundary) return [];
  return [{ ...stillOpen(obligation), event: 'obligation.due_soon', boundary, detail: { dueAt, ownerId } }];
}

/** Looks again, with the obligation held: it may have been submitted or waived since it was read. */
function stillOpen({ id, subject }: Obligation): Pick<Boundary, 'subject' | 'apply'> {
  return { subject, apply: async (change) => (await change.lock(Obligation, id)).state === 'open' };
}

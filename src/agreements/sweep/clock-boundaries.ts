import { Injectable, OnModuleInit } from '@nestjs/common';
import { EntityManager, IsNull, Not } from 'typeorm';
import { day } from '../../kernel/clock.js';
import { Suspension } from '../../suspensions/suspension.entity.js';
import { Notice } from '../notices/notice.entity.js';
import { VersionsService } from '../versions.service.js';
import { versionAt } from '../versions.js';
import { Boundary, Sweeper } from './sweeper.js';

/** The clocks that notices and stops start: deemed receipt, a lapsed cure, a stop that nobody has decided about. */
@Injectable()
export class ClockBoundaries implements OnModuleInit {
  constructor(
    private readonly sweeper: Sweeper,
    private readonly versions: VersionsService,
  ) {}

  onModuleInit(): void {
    this.sweeper.register(async (manager, at) => reached(await ofNotices(manager), at));
    this.sweeper.register(async (manager, at) => reached(await this.ofStops(manager), at));
  }

  /** A stop of an agreement may stay undecided for the days that its terms name. */
  private async ofStops(manager: EntityManager): Promise<Boundary[]> {
    const stops = await manager.findBy(Suspension, { liftedAt: IsNull(), agreementId: Not(IsNull()) });
    const versions = await this.versions.of(
      manager,
      stops.map(({ agreementId }) => agreementId!),
    );
    return stops.flatMap((stop) => {
      const version = versionAt(versions.get(stop.agreementId!) ?? [], stop.suspendedAt);
      if (version === null) return [];
      const days = version.terms.suspension.maxDaysWithoutDecision;
      const boundary = new Date(stop.suspendedAt.getTime() + days * day);
      return [{ subject: stop.subject, event: 'suspension.undecided', boundary, detail: { days } }];
    });
  }
}

/** What is reached before a notice is settled is told, though nobody looked at the clock until afterwards. */
async function ofNotices(manager: EntityManager): Promise<Boundary[]> {
  const notices = await manager.find(Notice);
  return notices.flatMap((notice) => {
    const { subject, state, deemedReceivedAt, acknowledgedAt, decidedAt, cureBy } = notice;
    const settledAt = state === 'cured' || state === 'withdrawn' ? decidedAt : null;
    const deemed = acknowledgedAt === null || deemedReceivedAt < acknowledgedAt;
    const boundaries = [
      ...(deemed ? [{ subject, event: 'notice.deemed_received', boundary: deemedReceivedAt }] : []),
      ...(cureBy === null ? [] : [{ subject, event: 'notice.cure_lapsed', boundary: cureBy }]),
    ];
    return boundaries.filter(({ boundary }) => settledAt === null || boundary < settledAt);
  });
}

function reached(boundaries: readonly Boundary[], at: Date): Boundary[] {
  return boundaries.filter(({ boundary }) => boundary <= at);
}

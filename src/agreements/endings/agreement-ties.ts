import { Injectable, OnModuleInit } from '@nestjs/common';
import { EntityManager, In, Not } from 'typeorm';
import { PartnerTies, Tie } from '../../partners/ties.js';
import { Agreement } from '../agreement.entity.js';
import { plannedId } from '../obligations/obligation-making.service.js';
import { Obligation } from '../obligations/obligation.entity.js';
import { obligationsDue } from '../obligations/schedule.js';
import { endOf } from '../status.js';
import { VersionHead, VersionsService } from '../versions.service.js';

/** An agreement with its executed versions; none before execution. */
interface Read {
  agreement: Agreement;
  versions: readonly VersionHead[];
}

/** What binds a partner to the lab by agreements: those not ended, and what is still owed under any. */
@Injectable()
export class AgreementTies implements OnModuleInit {
  constructor(
    private readonly ties: PartnerTies,
    private readonly versions: VersionsService,
  ) {}

  onModuleInit(): void {
    this.ties.register(async (manager, organisationId, at) => {
      const agreements = await this.agreementsOf(manager, organisationId);
      const obligations = await manager.find(Obligation, { where: { organisationId }, order: { id: 'ASC' } });
      return [
        ...agreements.flatMap((read) => unended(read, at)),
        ...obligations.flatMap(unsettled),
        ...agreements.flatMap((read) => unmade(read, new Set(obligations.map(({ id }) => id)), at)),
      ];
    });
  }

  private async agreementsOf(manager: EntityManager, organisationId: string): Promise<Read[]> {
    const where = { organisationId, state: Not(In(['withdrawn', 'declined', 'lapsed'])) };
    const agreements = await manager.find(Agreement, { where, order: { id: 'ASC' } });
    const versions = await this.versions.of(
      manager,
      agreements.map(({ id }) => id),
    );
    return agreements.map((agreement) => ({ agreement, versions: versions.get(agreement.id) ?? [] }));
  }
}

/** An agreement on its way to execution, or an executed one whose end has not come. */
function unended({ agreement: { id, title, state, endedAt }, versions }: Read, at: Date): Tie[] {
  if (versions.length === 0) {
    const stands = state.replaceAll('_', ' ');
    return [
      { kind: 'agreement', id, detail: `The agreement “${title}” is ${stands}; it must be withdrawn or declined.` },
    ];
  }
  const end = endOf(versions, endedAt);
  const detail = `The agreement “${title}” ends at ${end.toISOString()}, unless it is terminated before.`;
  return end <= at ? [] : [{ kind: 'agreement', id, detail }];
}

function unsettled({ id, kind, clauseRef, state }: Obligation): Tie[] {
  if (state !== 'open' && state !== 'submitted') return [];
  return [{ kind: 'obligation', id, detail: `${nameOf(kind, clauseRef)} is ${state}; it must be accepted or waived.` }];
}

/** What has come to be owed since anybody swept last: an end a moment ago must not let the partner slip away. */
function unmade({ agreement, versions }: Read, made: ReadonlySet<string>, at: Date): Tie[] {
  return obligationsDue(versions, agreement.endedAt, at).flatMap((planned) => {
    const id = plannedId(agreement.id, planned);
    const detail = `${nameOf(planned.kind, planned.clauseRef)} has just come to be owed and is entered within a minute.`;
    return made.has(id) ? [] : [{ kind: 'obligation', id, detail }];
  });
}

function nameOf(kind: string, clauseRef: string): string {
  return `The ${kind.replaceAll('_', ' ')} of clause ${clauseRef}`;
}

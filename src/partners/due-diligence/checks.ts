import { EntityManager, In } from 'typeorm';
import { Change } from '../../audit/change.js';
import { PartnerOrganisation } from '../partner-organisation.entity.js';
import { RecordCheck } from './checks.dto.js';
import { NewestCheck, PartnerCheck } from './partner-check.entity.js';

/** What came out when a partner was checked, as answers show it. */
export interface DueDiligence {
  sanctions: Pick<PartnerCheck, 'outcome' | 'source'>;
  conflict: Pick<PartnerCheck, 'outcome' | 'source'>;
  /** Who made the later of the two. */
  checkedBy: string;
  checkedAt: Date;
}

/** The newest check of each kind of each of the organisations. */
export function newestChecks(manager: EntityManager, organisationIds: readonly string[]): Promise<PartnerCheck[]> {
  return manager
    .createQueryBuilder(PartnerCheck, 'check')
    .distinctOn(['check.organisationId', 'check.kind'])
    .where({ organisationId: In(organisationIds) })
    .orderBy({ 'check.organisationId': 'ASC', 'check.kind': 'ASC', 'check.number': 'DESC' })
    .getMany();
}

/** Adds a check; the partner's row must be held, so that the newest is the one that was added last. */
export async function addCheck(
  change: Change,
  partner: PartnerOrganisation,
  { kind, outcome, source, note }: RecordCheck,
): Promise<PartnerCheck> {
  const organisationId = partner.id;
  return change.save(
    change.manager.create(PartnerCheck, {
      id: change.newId(),
      organisationId,
      // None is ever removed, so how many there are is the number of the last.
      number: (await change.manager.countBy(PartnerCheck, { organisationId })) + 1,
      kind,
      outcome,
      source,
      note: note ?? null,
      checkedBy: change.actor.id,
      checkedAt: change.at,
    }),
  );
}

/** The newest checks of one partner as one; null until both kinds were checked. */
export function dueDiligenceOf(newest: readonly NewestCheck[]): DueDiligence | null {
  const [sanctions, conflict] = (['sanctions', 'conflict'] as const).map((kind) =>
    newest.find((check) => check.kind === kind),
  );
  if (!sanctions || !conflict) return null;
  const { checkedBy, checkedAt } = sanctions.number > conflict.number ? sanctions : conflict;
  return { sanctions, conflict, checkedBy, checkedAt };
}

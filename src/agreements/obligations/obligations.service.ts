import { Injectable } from '@nestjs/common';
import { DataSource, FindOptionsWhere, IsNull, LessThanOrEqual, MoreThan } from 'typeorm';
import { UserAccount } from '../../access/user-account.entity.js';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { Page } from '../../http/paging.js';
import { Actor } from '../../kernel/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Refusal } from '../../kernel/refusal.js';
import { ObligationSubmission } from './obligation-submission.entity.js';
import { Obligation, ObligationStatus } from './obligation.entity.js';
import { ObligationQuery, SubmitObligation } from './obligations.dto.js';

export type ObligationView = Obligation & { status: ObligationStatus; allowedActions: string[] };
export type ObligationWithSubmissions = ObligationView & { submissions: ObligationSubmission[] };

/** What the partner owes under the terms: seen to, submitted, accepted or returned, or waived. */
@Injectable()
export class ObligationsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Says which member of the partner sees to it. */
  assign(actor: Actor, id: string, ownerId: string): Promise<ObligationView> {
    return this.command(actor, id, async (change, obligation) => {
      const event = obligation.assign(ownerId);
      const { organisationId } = obligation;
      if (!(await change.manager.existsBy(UserAccount, { id: ownerId, organisationId, suspendedAt: IsNull() }))) {
        const expected = 'the id of a member of your organisation who may act';
        throw new Refusal('invalid_request', 'The owner is no such member.', { pointer: '/ownerId', expected });
      }
      return [event, { ownerId }];
    });
  }

  /** Hands something in. What was returned before stays beside it. */
  submit(actor: Actor, id: string, body: SubmitObligation): Promise<ObligationView> {
    return this.command(actor, id, async (change, obligation) => {
      const event = obligation.submit(actor);
      const { statement, attested = false, documentDigest = null, link = null } = body;
      if (obligation.isAttestation && !attested) {
        const expected = 'true, which affirms that the statement is true and complete';
        throw new Refusal('invalid_request', 'This one must be attested.', { pointer: '/attested', expected });
      }
      const submission = change.manager.create(ObligationSubmission, {
        id: change.newId(),
        obligationId: id,
        submittedBy: actor.id,
        submitterName: actor.name,
        submittedAt: change.at,
        statement,
        attested,
        documentDigest,
        link,
      });
      await change.save(submission);
      return [event, { submissionId: submission.id, statement, attested, documentDigest, link }];
    });
  }

  accept(actor: Actor, id: string): Promise<ObligationView> {
    return this.command(actor, id, ({ at }, obligation) => [obligation.decide('accept', actor, at, null), {}]);
  }

  /** Returns what was submitted: the obligation is open again, and due when it was. */
  return(actor: Actor, id: string, reason: string): Promise<ObligationView> {
    return this.command(actor, id, ({ at }, obligation) => [
      obligation.decide('return', actor, at, reason),
      { reason },
    ]);
  }

  proposeWaiver(actor: Actor, id: string, reason: string): Promise<ObligationView> {
    return this.command(actor, id, (_change, obligation) => [obligation.proposeWaiver(actor, reason), { reason }]);
  }

  confirmWaiver(actor: Actor, id: string): Promise<ObligationView> {
    return this.command(actor, id, (_change, obligation) => [
      obligation.confirmWaiver(actor),
      { proposedBy: obligation.waiverProposedBy },
    ]);
  }

  async find(actor: Actor, id: string): Promise<ObligationWithSubmissions> {
    const obligation = await findOwned(this.database, Obligation, actor, id);
    const submissions = await this.database.manager.find(ObligationSubmission, {
      where: { obligationId: id },
      order: { id: 'ASC' },
    });
    return Object.assign(viewOf(actor, obligation, this.clock.now()), { submissions });
  }

  async list(actor: Actor, { agreementId, status, ...query }: ObligationQuery): Promise<Page<ObligationView>> {
    const at = this.clock.now();
    const where = { ...(agreementId !== undefined && { agreementId }), ...standing(status, at) };
    const { data, nextCursor } = await pageOfOwned(this.database, Obligation, { actor, query, where });
    return { data: data.map((obligation) => viewOf(actor, obligation, at)), nextCursor };
  }

  private command(
    actor: Actor,
    id: string,
    tell: (change: Change, obligation: Obligation) => Told | Promise<Told>,
  ): Promise<ObligationView> {
    return this.changes.run(actor, async (change) => {
      const obligation = await change.hold(Obligation, id);
      const [event, detail] = await tell(change, obligation);
      await change.save(obligation);
      await change.record(event, obligation.subject, detail);
      return viewOf(actor, obligation, change.at);
    });
  }
}

/** The event that a command leaves, and its detail. */
type Told = [event: string, detail: Record<string, unknown>];

/** An obligation as an actor sees it at an instant. */
export function viewOf(actor: Actor, obligation: Obligation, at: Date): ObligationView {
  return Object.assign(obligation, { status: obligation.statusAt(at), allowedActions: obligation.allowedTo(actor) });
}

/** The rows that have a status at an instant. */
function standing(status: ObligationStatus | undefined, at: Date): FindOptionsWhere<Obligation> {
  if (status === undefined) return {};
  if (status === 'overdue') return { state: 'open', dueAt: LessThanOrEqual(at) };
  return status === 'open' ? { state: status, dueAt: MoreThan(at) } : { state: status };
}

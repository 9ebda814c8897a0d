import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { Page } from '../../http/paging.js';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';
import { outdateOpen } from '../amendments/outdating.js';
import { Agreement } from '../agreement.entity.js';
import type { NegotiatingSide } from '../negotiation/negotiated-text.js';
import { keepMove } from '../negotiation/transitions.js';
import { Notice } from '../notices/notice.entity.js';
import { VersionsService } from '../versions.service.js';
import { assertMayTerminate } from './guard.js';
import { Termination, TerminationKind } from './termination.entity.js';
import { ProposeTermination, TerminationQuery } from './terminations.dto.js';

export type TerminationView = Termination & { allowedActions: string[] };

/** Ends executed agreements: proposed by one person, confirmed by another, of a legal kind that holds at both times. */
@Injectable()
export class TerminationsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly versions: VersionsService,
  ) {}

  propose(actor: Actor, agreementId: string, body: ProposeTermination): Promise<TerminationView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, agreementId);
      const { kind, noticeId = null, reason } = body;
      const side = actor.side as NegotiatingSide;
      await this.assertGrounds(change, agreement, { kind, noticeId, side });
      const termination = change.manager.create(Termination, {
        id: change.newId(),
        organisationId: agreement.organisationId,
        agreementId,
        kind,
        state: Termination.moves.initial,
        noticeId,
        reason,
        proposedBy: actor.id,
        proposedSide: side,
        proposedAt: change.at,
        confirmedBy: null,
        confirmedAt: null,
        version: 1,
      });
      await change.save(termination);
      await change.record('termination.proposed', termination.subject, { agreementId, kind, noticeId, reason });
      return view(actor, termination);
    });
  }

  /** Confirms a termination as the second person, which ends the agreement at once. */
  confirm(actor: Actor, id: string): Promise<TerminationView> {
    return this.changes.run(actor, async (change) => {
      const { agreement, termination } = await this.hold(change, id);
      const event = termination.confirm(actor, change.at);
      const { kind, noticeId, proposedSide: side, reason } = termination;
      await this.assertGrounds(change, agreement, { kind, noticeId, side });
      const ended = agreement.move('terminate');
      agreement.endedAt = change.at;
      await change.save(agreement);
      await keepMove(change, agreement, { command: 'terminate', from: 'executed', reason });
      await change.save(termination);
      await change.record(event, termination.subject, { agreementId: agreement.id });
      await change.record(ended, agreement.subject, { kind, terminationId: id, reason });
      await outdateOpen(change, agreement.id);
      return view(actor, termination);
    });
  }

  withdraw(actor: Actor, id: string, reason: string): Promise<TerminationView> {
    return this.changes.run(actor, async (change) => {
      const { termination } = await this.hold(change, id);
      const event = termination.withdraw(actor);
      await change.save(termination);
      await change.record(event, termination.subject, { reason });
      return view(actor, termination);
    });
  }

  async find(actor: Actor, id: string): Promise<TerminationView> {
    return view(actor, await findOwned(this.database, Termination, actor, id));
  }

  async list(actor: Actor, { agreementId, ...query }: TerminationQuery): Promise<Page<TerminationView>> {
    const where = agreementId === undefined ? {} : { agreementId };
    const { data, nextCursor } = await pageOfOwned(this.database, Termination, { actor, query, where });
    return { data: data.map((termination) => view(actor, termination)), nextCursor };
  }

  /** Holds the agreement first, as every change of it does, then the termination. */
  private async hold(change: Change, id: string): Promise<{ agreement: Agreement; termination: Termination }> {
    const found = await change.manager.findOneBy(Termination, { id });
    if (!found) throw new Refusal('not_found');
    const agreement = await change.lock(Agreement, found.agreementId);
    return { agreement, termination: await change.hold(Termination, id) };
  }

  private async assertGrounds(change: Change, agreement: Agreement, proposed: Proposed): Promise<void> {
    const { kind, noticeId, side } = proposed;
    Agreement.moves.from(agreement.state, 'terminate');
    const { terms } = await this.versions.current(change, agreement);
    const where = { id: noticeId ?? undefined, agreementId: agreement.id };
    const notice = noticeId === null ? null : await change.manager.findOneBy(Notice, where);
    if (noticeId !== null && notice === null) {
      const expected = 'the id of a notice under this agreement';
      throw new Refusal('invalid_request', 'There is no such notice.', { pointer: '/noticeId', expected });
    }
    assertMayTerminate({ kind, side, terms, notice }, change.at);
  }
}

interface Proposed {
  kind: TerminationKind;
  noticeId: string | null;
  side: NegotiatingSide;
}

function view(actor: Actor, termination: Termination): TerminationView {
  return Object.assign(termination, { allowedActions: termination.allowedTo(actor) });
}

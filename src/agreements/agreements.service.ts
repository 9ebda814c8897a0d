import { Injectable } from '@nestjs/common';
import { DataSource, In, IsNull, Not } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { findOwned, pageOfOwned } from '../audit/owned.js';
import { Page, PageQuery } from '../http/paging.js';
import { PartnerOrganisation } from '../partners/partner-organisation.entity.js';
import { AgreementView, AgreementViews } from './agreement-views.js';
import { Agreement } from './agreement.entity.js';
import { CreateAgreement } from './agreements.dto.js';
import { checked, RevisionsService } from './negotiation/revisions.service.js';
import { keepMove } from './negotiation/transitions.js';

/** Agreements: drafting and finding them. What lies between is `AgreementTexts`'s. */
@Injectable()
export class AgreementsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly revisions: RevisionsService,
    private readonly views: AgreementViews,
  ) {}

  create(actor: Actor, body: CreateAgreement): Promise<AgreementView> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, body.organisationId);
      partner.assertActive();
      const supersedesId = body.supersedesId ?? null;
      if (supersedesId !== null) await assertCanBeSucceeded(change, supersedesId, partner.id);
      const agreement = change.manager.create(Agreement, {
        id: change.newId(),
        organisationId: partner.id,
        title: body.title,
        state: Agreement.moves.initial,
        supersedesId,
        endedAt: null,
        headNumber: 0,
        turn: null,
        round: 0,
        signBy: null,
        proposedNumber: null,
        version: 1,
        createdAt: change.at,
      });
      const revision = await this.revisions.add(change, agreement, checked(body));
      await change.save(agreement);
      await change.save(revision);
      await keepMove(change, agreement, { command: 'create', from: null });
      const { digest } = revision;
      await change.record('agreement.drafted', agreement.subject, { title: body.title, digest, supersedesId });
      return this.views.viewIn(change, agreement);
    });
  }

  /** One agreement, now or as it stood at an instant of the past. */
  async find(actor: Actor, id: string, asOf?: string): Promise<AgreementView> {
    const agreement = await findOwned(this.database, Agreement, actor, id);
    const { manager } = this.database;
    if (asOf !== undefined) return this.views.asOf(manager, actor, agreement, new Date(asOf));
    const [view] = await this.views.views(manager, actor, [agreement]);
    return view!;
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<AgreementView>> {
    const where = actor.side === 'partner' ? { proposedNumber: Not(IsNull()) } : {};
    const { data, nextCursor } = await pageOfOwned(this.database, Agreement, { actor, query, where });
    return { data: await this.views.views(this.database.manager, actor, data), nextCursor };
  }
}

/** A predecessor is an executed agreement of the same partner, in force or ended, that nothing else succeeds. */
async function assertCanBeSucceeded(change: Change, id: string, organisationId: string): Promise<void> {
  const predecessor = await change.manager.findOneBy(Agreement, { id, organisationId });
  const pointer = '/supersedesId';
  if (!predecessor || !['executed', 'terminated'].includes(predecessor.state)) {
    const expected = 'the id of an executed or terminated agreement of this partner';
    throw new Refusal('invalid_request', 'There is nothing there to succeed.', { pointer, expected });
  }
  const ended = In(['withdrawn', 'declined', 'lapsed']);
  if (await change.manager.existsBy(Agreement, { supersedesId: id, state: Not(ended) })) {
    throw new Refusal('already_exists', 'It has a successor already.', { pointer });
  }
}

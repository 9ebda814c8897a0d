import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, Not } from 'typeorm';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { Page } from '../../http/paging.js';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';
import { Agreement } from '../agreement.entity.js';
import { AgreementVersion } from '../agreement-version.entity.js';
import { keepMove } from '../negotiation/transitions.js';
import { expiryOf } from '../status.js';
import { VersionsService } from '../versions.service.js';
import { AmendmentTexts, AmendmentView } from './amendment-texts.js';
import { Amendment } from './amendment.entity.js';
import { AmendmentQuery, CreateAmendment } from './amendments.dto.js';

/** Amendments: drafting and finding them. What lies between is `AmendmentTexts`'s. */
@Injectable()
export class AmendmentsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly versions: VersionsService,
    private readonly texts: AmendmentTexts,
  ) {}

  /** Drafts an amendment of the newest executed version. Several may be open; the first that is executed wins. */
  create(actor: Actor, agreementId: string, body: CreateAmendment): Promise<AmendmentView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, agreementId);
      // Refuses an agreement that is not executed, has expired or has ended.
      await this.versions.current(change, agreement);
      const base = (await this.versions.newest(change.manager, agreementId))!;
      const amendment = change.manager.create(Amendment, {
        id: change.newId(),
        agreementId,
        organisationId: agreement.organisationId,
        kind: body.kind,
        state: Amendment.moves.initial,
        baseNumber: base.number,
        baseDigest: base.digest,
        effectiveFrom: effectiveFromOf(change, base, body),
        rationale: body.rationale,
        headNumber: 0,
        turn: null,
        round: 0,
        signBy: null,
        proposedNumber: null,
        version: 1,
        createdAt: change.at,
      });
      const told = await this.texts.draft(change, amendment, body);
      await change.save(amendment);
      await keepMove(change, amendment, { command: 'create', from: null });
      const { kind, effectiveFrom, rationale } = amendment;
      await change.record('amendment.drafted', amendment.subject, { ...told, kind, effectiveFrom, rationale });
      return this.texts.viewIn(change, amendment);
    });
  }

  async find(actor: Actor, id: string): Promise<AmendmentView> {
    return this.texts.viewIn({ actor }, await findOwned(this.database, Amendment, actor, id));
  }

  async list(actor: Actor, { agreementId, ...query }: AmendmentQuery): Promise<Page<AmendmentView>> {
    const where = {
      ...(agreementId !== undefined && { agreementId }),
      ...(actor.side === 'partner' && { proposedNumber: Not(IsNull()) }),
    };
    const { data, nextCursor } = await pageOfOwned(this.database, Amendment, { actor, query, where });
    return { data: await Promise.all(data.map((amendment) => this.texts.viewIn({ actor }, amendment))), nextCursor };
  }
}

/** Versions tile the term: each begins after the one before it, within the term, and never in the past. */
function effectiveFromOf({ at }: Change, base: AgreementVersion, body: CreateAmendment): Date {
  const effectiveFrom = new Date(body.effectiveFrom);
  const latest = expiryOf(base.terms);
  if (effectiveFrom >= at && effectiveFrom > base.effectiveFrom && effectiveFrom < latest) return effectiveFrom;
  const earliest =
    base.effectiveFrom >= at ? `after ${base.effectiveFrom.toISOString()}` : `${at.toISOString()} or later`;
  throw new Refusal('invalid_request', 'It would not begin within what is left of the term.', {
    pointer: '/effectiveFrom',
    expected: `${earliest}, and before ${latest.toISOString()}`,
  });
}

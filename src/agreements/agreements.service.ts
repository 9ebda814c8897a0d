import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, Not } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { findOwned, pageOfOwned } from '../audit/owned.js';
import { Page, PageQuery } from '../http/paging.js';
import { PartnerOrganisation } from '../partners/partner-organisation.entity.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { SuspensionsService } from '../suspensions/suspensions.service.js';
import { AgreementVersion } from './agreement-version.entity.js';
import { Agreement, AgreementCommand } from './agreement.entity.js';
import { CreateAgreement, SuspendAgreement, WriteRevision } from './agreements.dto.js';
import { RevisionsService } from './revisions.service.js';
import { StandingStatus, statusOf } from './status.js';

export type AgreementView = Agreement & { status: StandingStatus; allowedActions: string[] };

/** Agreements from draft to the end of negotiation; approval and signature are `ExecutionService`'s. */
@Injectable()
export class AgreementsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly revisions: RevisionsService,
    private readonly suspensions: SuspensionsService,
  ) {}

  create(actor: Actor, body: CreateAgreement): Promise<AgreementView> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, body.organisationId);
      partner.assertActive();
      const agreement = change.manager.create(Agreement, {
        id: change.newId(),
        organisationId: partner.id,
        title: body.title,
        state: Agreement.moves.initial,
        headNumber: 0,
        version: 1,
        proposedNumber: null,
        createdAt: change.at,
      });
      const revision = await this.revisions.add(change, agreement, body);
      await change.save(agreement);
      await change.save(revision);
      await change.record('agreement.drafted', agreement.subject, { title: body.title, digest: revision.digest });
      return this.viewIn(change, agreement);
    });
  }

  revise(actor: Actor, id: string, body: WriteRevision): Promise<AgreementView> {
    return this.command(actor, id, 'revise', async (change, agreement) => {
      const revision = await this.revisions.add(change, agreement, body);
      await change.save(revision);
      return { number: revision.number, digest: revision.digest };
    });
  }

  propose(actor: Actor, id: string): Promise<AgreementView> {
    return this.command(actor, id, 'propose', (_change, agreement) => {
      agreement.propose();
      return { digest: agreement.headDigest };
    });
  }

  /** The partner accepts the text whose digest it names, which must be the one at hand. */
  accept(actor: Actor, id: string, digest: string): Promise<AgreementView> {
    return this.command(actor, id, 'accept', (_change, agreement) => {
      if (digest !== agreement.headDigest) throw new Refusal('digest_mismatch', undefined, { pointer: '/digest' });
      return { digest };
    });
  }

  /** A command that ends the agreement before execution or sends it back, with its reason. */
  end(actor: Actor, id: string, command: 'decline' | 'withdraw' | 'return', reason: string): Promise<AgreementView> {
    return this.command(actor, id, command, () => ({ reason }));
  }

  /** Stops the whole agreement, or one purpose or model of it. */
  suspend(actor: Actor, id: string, body: SuspendAgreement): Promise<Suspension> {
    return this.changes.run(actor, async (change) => {
      const { organisationId, state } = await change.hold(Agreement, id);
      if (state !== 'executed') throw new Refusal('move_not_allowed', 'Only an executed agreement can be stopped.');
      const target = body.scope === 'agreement' ? id : body.target;
      if (target === undefined) {
        const expected = `the ${body.scope} to stop`;
        throw new Refusal('invalid_request', 'What is to be stopped is missing.', { pointer: '/target', expected });
      }
      return this.suspensions.suspend(change, { scope: body.scope, target, organisationId, agreementId: id }, body);
    });
  }

  async find(actor: Actor, id: string): Promise<AgreementView> {
    const agreement = await findOwned(this.database, Agreement, actor, id);
    return this.view(actor, agreement);
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<AgreementView>> {
    const where = actor.side === 'partner' ? { proposedNumber: Not(IsNull()) } : {};
    const { data, nextCursor } = await pageOfOwned(this.database, Agreement, { actor, query, where });
    return { data: await Promise.all(data.map((agreement) => this.view(actor, agreement))), nextCursor };
  }

  /** The agreement as it stands within a change under way, which alone sees what it has written. */
  viewIn(change: Change, agreement: Agreement): Promise<AgreementView> {
    return this.view(change.actor, agreement, change.manager);
  }

  /** The agreement with what follows from facts: its status now, and what the actor may do. */
  private async view(actor: Actor, agreement: Agreement, manager = this.database.manager): Promise<AgreementView> {
    const executed = agreement.state === 'executed';
    const [version, stops] = executed
      ? await Promise.all([
          manager.findOne(AgreementVersion, {
            where: { agreementId: agreement.id },
            order: { number: 'DESC' },
          }),
          this.suspensions.wholeStops(manager, agreement),
        ])
      : [null, 0];
    return Object.assign(agreement, {
      status: statusOf(agreement.state, version?.terms ?? null, stops, this.clock.now()),
      allowedActions: Agreement.moves.allowedTo(actor, agreement.state),
    });
  }

  private command(
    actor: Actor,
    id: string,
    command: AgreementCommand,
    tell: (change: Change, agreement: Agreement) => object | Promise<object>,
  ): Promise<AgreementView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, id);
      const event = agreement.move(command);
      const detail = await tell(change, agreement);
      await change.save(agreement);
      await change.record(event, agreement.subject, { ...detail });
      return this.viewIn(change, agreement);
    });
  }
}

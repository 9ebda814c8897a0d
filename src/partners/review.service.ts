import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { Invitation } from '../access/invitation.entity.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { findOwned } from '../audit/owned.js';
import { contactsInForce } from './contacts/contacts.js';
import { addCheck, newestChecks } from './due-diligence/checks.js';
import { ApprovePartner } from './due-diligence/checks.dto.js';
import { PartnerOrganisation } from './partner-organisation.entity.js';
import { PartnerView, partnerView } from './partner-view.js';
import { saveCounted } from './save-counted.js';
import { PartnerTies, Tie } from './ties.js';

/** Decides about partner organisations: from a prospect's submission to approval, refusal or the end. */
@Injectable()
export class ReviewService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly ties: PartnerTies,
  ) {}

  submit(actor: Actor, id: string): Promise<PartnerView> {
    return this.command(actor, id, {}, async (change, partner) =>
      partner.submit(actor, await contactsInForce(change.manager, [id])),
    );
  }

  return(actor: Actor, id: string): Promise<PartnerView> {
    return this.command(actor, id, {}, (_change, partner) => partner.move('return'));
  }

  /** Approves after the two checks that the approval records, unless the newest from before says blocked. */
  approve(actor: Actor, id: string, body: ApprovePartner): Promise<PartnerView> {
    return this.command(actor, id, body, async (change, partner) => {
      const event = partner.approve(actor, await newestChecks(change.manager, [id]));
      await addCheck(change, partner, { kind: 'sanctions', ...body.sanctions });
      await addCheck(change, partner, { kind: 'conflict', ...body.conflict });
      return event;
    });
  }

  decline(actor: Actor, id: string, reason: string): Promise<PartnerView> {
    return this.command(actor, id, { reason }, (change, partner) => partner.decline(change, reason));
  }

  /** Ends an active partner that nothing binds any more. Invitations that nobody accepted yet are void from then on. */
  offboard(actor: Actor, id: string, reason: string): Promise<PartnerView> {
    return this.command(actor, id, { reason }, async (change, partner) => {
      const event = partner.offboard(change, reason, await this.ties.of(change.manager, id, change.at));
      const open = { organisationId: id, closedAt: IsNull() };
      await change.manager.update(Invitation, open, { closedAt: change.at });
      return event;
    });
  }

  /** What would stand in the way of offboarding a partner now. */
  async tiesOf(actor: Actor, id: string): Promise<{ ties: Tie[] }> {
    await findOwned(this.database, PartnerOrganisation, actor, id);
    return { ties: await this.ties.of(this.database.manager, id, this.clock.now()) };
  }

  private command(
    actor: Actor,
    id: string,
    detail: object,
    tell: (change: Change, partner: PartnerOrganisation) => string | Promise<string>,
  ): Promise<PartnerView> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, id);
      const event = await tell(change, partner);
      await saveCounted(change, partner);
      await change.record(event, partner.subject, { ...detail });
      return partnerView(change.manager, actor, partner);
    });
  }
}

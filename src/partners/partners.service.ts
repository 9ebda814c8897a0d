import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { InvitationsService, InvitationWithToken } from '../access/invitations.service.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { findOwned, pageOfOwned } from '../audit/owned.js';
import { Page, PageQuery } from '../http/paging.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { CreateSuspension } from '../suspensions/suspensions.dto.js';
import { SuspensionsService } from '../suspensions/suspensions.service.js';
import { PartnerOrganisation } from './partner-organisation.entity.js';
import { ApprovePartner, InviteMember, WritePartner } from './partners.dto.js';

export type PartnerView = PartnerOrganisation & { allowedActions: string[] };

/** Partner organisations: from first contact to being a party to agreements. */
@Injectable()
export class PartnersService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly invitations: InvitationsService,
    private readonly suspensions: SuspensionsService,
  ) {}

  create(actor: Actor, body: WritePartner): Promise<PartnerView> {
    return this.changes.run(actor, async (change) => {
      const id = change.newId();
      const partner = change.manager.create(PartnerOrganisation, {
        ...body,
        id,
        organisationId: id,
        state: PartnerOrganisation.moves.initial,
        dueDiligence: null,
        submittedBy: null,
        approvedBy: null,
        createdAt: change.at,
      });
      await change.save(partner);
      await change.record('partner.entered', partner.subject, { ...body });
      return view(actor, partner);
    });
  }

  revise(actor: Actor, id: string, body: WritePartner): Promise<PartnerView> {
    return this.command(actor, id, body, (partner) => {
      const event = partner.move('revise');
      Object.assign(partner, body);
      return event;
    });
  }

  submit(actor: Actor, id: string): Promise<PartnerView> {
    return this.command(actor, id, {}, (partner) => partner.submit(actor));
  }

  return(actor: Actor, id: string): Promise<PartnerView> {
    return this.command(actor, id, {}, (partner) => partner.move('return'));
  }

  approve(actor: Actor, id: string, body: ApprovePartner): Promise<PartnerView> {
    return this.command(actor, id, body, (partner, change) =>
      partner.approve(actor, { ...body, checkedBy: actor.id, checkedAt: change.at.toISOString() }),
    );
  }

  /** Invites a member; their address must be of one of the organisation's domains. */
  invite(actor: Actor, id: string, body: InviteMember): Promise<InvitationWithToken> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, id);
      partner.assertActive();
      const domain = body.email.slice(body.email.lastIndexOf('@') + 1);
      if (!partner.emailDomains.includes(domain)) {
        const expected = `an address at ${partner.emailDomains.join(' or ')}`;
        throw new Refusal('invalid_request', `${domain} is no domain of theirs.`, { pointer: '/email', expected });
      }
      return this.invitations.invite(change, { email: body.email, organisationId: id, roles: body.roles });
    });
  }

  /** Stops everything of an organisation at once. */
  suspend(actor: Actor, id: string, body: CreateSuspension): Promise<Suspension> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, id);
      const target = { scope: 'organisation' as const, target: id, organisationId: partner.id, agreementId: null };
      return this.suspensions.suspend(change, target, body);
    });
  }

  async find(actor: Actor, id: string): Promise<PartnerView> {
    return view(actor, await findOwned(this.database, PartnerOrganisation, actor, id));
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<PartnerView>> {
    const { data, nextCursor } = await pageOfOwned(this.database, PartnerOrganisation, { actor, query });
    return { data: data.map((partner) => view(actor, partner)), nextCursor };
  }

  private command(
    actor: Actor,
    id: string,
    detail: object,
    tell: (partner: PartnerOrganisation, change: Change) => string,
  ): Promise<PartnerView> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, id);
      const event = tell(partner, change);
      await change.save(partner);
      await change.record(event, partner.subject, { ...detail });
      return view(actor, partner);
    });
  }
}

function view(actor: Actor, partner: PartnerOrganisation): PartnerView {
  return Object.assign(partner, { allowedActions: PartnerOrganisation.moves.allowedTo(actor, partner.state) });
}

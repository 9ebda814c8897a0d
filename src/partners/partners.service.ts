import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { parseNetwork } from '../kernel/networks.js';
import { Refusal } from '../kernel/refusal.js';
import { InvitationsService, InvitationWithToken } from '../access/invitations.service.js';
import { Changes } from '../audit/changes.js';
import { findOwned, pageOfOwned } from '../audit/owned.js';
import { Page, PageQuery } from '../http/paging.js';
import { invalid } from '../http/validation.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { CreateSuspension } from '../suspensions/suspensions.dto.js';
import { SuspensionsService } from '../suspensions/suspensions.service.js';
import { replaceContacts } from './contacts/contacts.js';
import { PartnerOrganisation } from './partner-organisation.entity.js';
import { PartnerView, partnerView, partnerViews } from './partner-view.js';
import { InviteMember, WritePartner } from './partners.dto.js';
import { saveCounted } from './save-counted.js';

/** Partner organisations: who they are, who belongs to them, and whether all of one is stopped. */
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
      const { contacts, ...facts } = body;
      const partner = change.manager.create(PartnerOrganisation, {
        ...facts,
        id,
        organisationId: id,
        networks: [],
        state: PartnerOrganisation.moves.initial,
        submittedBy: null,
        approvedBy: null,
        createdAt: change.at,
        endedAt: null,
        endReason: null,
      });
      await change.save(partner);
      await replaceContacts(change, partner, contacts);
      await change.record('partner.entered', partner.subject, { ...body });
      return partnerView(change.manager, actor, partner);
    });
  }

  /** Corrects a prospect; the contacts given replace those that it has. */
  revise(actor: Actor, id: string, body: WritePartner): Promise<PartnerView> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, id);
      const event = partner.move('revise');
      const { contacts, ...facts } = body;
      Object.assign(partner, facts);
      await replaceContacts(change, partner, contacts);
      await saveCounted(change, partner);
      await change.record(event, partner.subject, { ...body });
      return partnerView(change.manager, actor, partner);
    });
  }

  /** Sets the ranges from which the partner says that it works. */
  setNetworks(actor: Actor, id: string, cidrs: string[]): Promise<PartnerView> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, id);
      const event = partner.move('set_networks');
      assertNetworks(cidrs);
      partner.networks = cidrs;
      await saveCounted(change, partner);
      await change.record(event, partner.subject, { cidrs });
      return partnerView(change.manager, actor, partner);
    });
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
    const partner = await findOwned(this.database, PartnerOrganisation, actor, id);
    return partnerView(this.database.manager, actor, partner);
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<PartnerView>> {
    const { data, nextCursor } = await pageOfOwned(this.database, PartnerOrganisation, { actor, query });
    return { data: await partnerViews(this.database.manager, actor, data), nextCursor };
  }
}

function assertNetworks(cidrs: readonly string[]): void {
  const faults = cidrs.flatMap((text, at) => {
    const expected = 'a CIDR block such as 198.51.100.0/24, without host bits';
    const fault = { pointer: `/cidrs/${at}`, code: 'field.wrong', detail: `${text} is no network.`, expected };
    return parseNetwork(text) ? [] : [fault];
  });
  if (faults.length > 0) throw invalid(faults);
}

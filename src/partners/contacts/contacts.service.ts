import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { Page, PageQuery } from '../../http/paging.js';
import { PartnerOrganisation } from '../partner-organisation.entity.js';
import { saveCounted } from '../save-counted.js';
import { addContact, assertNotLast, contactsInForce, contactsMax } from './contacts.js';
import { ContactShape } from './contacts.dto.js';
import { PartnerContact } from './partner-contact.entity.js';

/** Keeps whom to reach at a partner up to date, from either side. */
@Injectable()
export class ContactsService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
  ) {}

  add(actor: Actor, organisationId: string, body: ContactShape): Promise<PartnerContact> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, organisationId);
      const event = partner.move('add_contact');
      assertRoom(await contactsInForce(change.manager, [partner.id]), body);
      const contact = await addContact(change, partner, body);
      await saveCounted(change, partner);
      await change.record(event, partner.subject, { contactId: contact.id, ...body });
      return contact;
    });
  }

  remove(actor: Actor, organisationId: string, contactId: string): Promise<PartnerContact> {
    return this.changes.run(actor, async (change) => {
      const partner = await change.hold(PartnerOrganisation, organisationId);
      const contact = await change.hold(PartnerContact, contactId);
      if (contact.organisationId !== partner.id) throw new Refusal('not_found');
      const event = partner.move('remove_contact');
      contact.remove(change.at);
      assertNotLast(partner, contact, await contactsInForce(change.manager, [partner.id]));
      await change.save(contact);
      await saveCounted(change, partner);
      await change.record(event, partner.subject, { contactId, kind: contact.kind });
      return contact;
    });
  }

  /** Every contact that a partner has or had, newest first. */
  async list(actor: Actor, organisationId: string, query: PageQuery): Promise<Page<PartnerContact>> {
    await findOwned(this.database, PartnerOrganisation, actor, organisationId);
    return pageOfOwned(this.database, PartnerContact, { actor, query, where: { organisationId } });
  }
}

function assertRoom(inForce: readonly PartnerContact[], { kind, email }: ContactShape): void {
  if (inForce.some((one) => one.kind === kind && one.email === email)) {
    throw new Refusal('already_exists', `${email} is a ${kind} contact already.`, { pointer: '/email' });
  }
  if (inForce.length >= contactsMax) {
    throw new Refusal('move_not_allowed', `A partner has at most ${contactsMax} contacts; remove one first.`);
  }
}

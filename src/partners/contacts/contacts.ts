import { EntityManager, In, IsNull } from 'typeorm';
import { Refusal } from '../../kernel/refusal.js';
import { Change } from '../../audit/change.js';
import { PartnerOrganisation, requiredContacts } from '../partner-organisation.entity.js';
import { ContactShape } from './contacts.dto.js';
import { PartnerContact } from './partner-contact.entity.js';

/** How many contacts of a partner may be in force at once. */
export const contactsMax = 20;

/** The contacts in force of the organisations, oldest first. */
export function contactsInForce(manager: EntityManager, organisationIds: readonly string[]): Promise<PartnerContact[]> {
  return manager.find(PartnerContact, {
    where: { organisationId: In(organisationIds), removedAt: IsNull() },
    order: { id: 'ASC' },
  });
}

/** Adds a contact; the partner's row must be held. */
export async function addContact(
  change: Change,
  partner: PartnerOrganisation,
  contact: ContactShape,
): Promise<PartnerContact> {
  const { kind, name, email } = contact;
  return change.save(
    change.manager.create(PartnerContact, {
      id: change.newId(),
      organisationId: partner.id,
      kind,
      name,
      email,
      addedBy: change.actor.id,
      addedAt: change.at,
      removedAt: null,
    }),
  );
}

/** Makes these the contacts of a prospect: what is not among them is removed, what is there already stays as it is. */
export async function replaceContacts(
  change: Change,
  partner: PartnerOrganisation,
  wanted: readonly ContactShape[],
): Promise<void> {
  assertDifferent(wanted);
  const current = await contactsInForce(change.manager, [partner.id]);
  for (const contact of current.filter((one) => !wanted.some((other) => same(one, other)))) {
    contact.remove(change.at);
    await change.save(contact);
  }
  for (const contact of wanted.filter((one) => !current.some((other) => same(one, other)))) {
    await addContact(change, partner, contact);
  }
}

/** Refuses to take the last signatory or notice contact from a partner that was submitted. */
export function assertNotLast(
  partner: PartnerOrganisation,
  contact: PartnerContact,
  inForce: readonly PartnerContact[],
): void {
  const required = partner.state !== 'prospect' && (requiredContacts as readonly string[]).includes(contact.kind);
  if (!required || inForce.some(({ id, kind }) => kind === contact.kind && id !== contact.id)) return;
  throw new Refusal('move_not_allowed', `This is the last ${contact.kind} contact.`, {
    expected: `another ${contact.kind} contact, added before this one is removed`,
  });
}

/** Refuses a list in which one address stands twice for the same kind. */
export function assertDifferent(contacts: readonly ContactShape[]): void {
  const at = contacts.findIndex((one, index) => contacts.slice(0, index).some((other) => sameOffice(one, other)));
  if (at < 0) return;
  const more = { pointer: `/contacts/${at}/email`, expected: 'each address once for each kind' };
  throw new Refusal('invalid_request', `${contacts[at]!.email} stands there twice.`, more);
}

function sameOffice(one: ContactShape, other: ContactShape): boolean {
  return one.kind === other.kind && one.email === other.email;
}

function same(one: ContactShape, other: ContactShape): boolean {
  return sameOffice(one, other) && one.name === other.name;
}

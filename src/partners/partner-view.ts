import { EntityManager, In, IsNull } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Suspension } from '../suspensions/suspension.entity.js';
import { contactsInForce } from './contacts/contacts.js';
import { PartnerContact } from './contacts/partner-contact.entity.js';
import { DueDiligence, dueDiligenceOf, newestChecks } from './due-diligence/checks.js';
import { PartnerOrganisation } from './partner-organisation.entity.js';

/** A partner with what belongs to it, as answers show it. */
export type PartnerView = PartnerOrganisation & {
  contacts: PartnerContact[];
  dueDiligence: DueDiligence | null;
  /** The stops of the whole organisation that are in force. */
  suspensions: Suspension[];
  allowedActions: string[];
};

/** Partners as an actor sees them: three queries, however many they are. */
export async function partnerViews(
  manager: EntityManager,
  actor: Actor,
  partners: readonly PartnerOrganisation[],
): Promise<PartnerView[]> {
  const ids = partners.map(({ id }) => id);
  const contacts = byOrganisation(await contactsInForce(manager, ids));
  const checks = byOrganisation(await newestChecks(manager, ids));
  const suspensions = byOrganisation(await wholeStops(manager, ids));
  return partners.map((partner) =>
    Object.assign(partner, {
      contacts: contacts.get(partner.id) ?? [],
      dueDiligence: dueDiligenceOf(checks.get(partner.id) ?? []),
      suspensions: suspensions.get(partner.id) ?? [],
      allowedActions: PartnerOrganisation.moves.allowedTo(actor, partner.state),
    }),
  );
}

/** One partner as an actor sees it. */
export async function partnerView(
  manager: EntityManager,
  actor: Actor,
  partner: PartnerOrganisation,
): Promise<PartnerView> {
  const [view] = await partnerViews(manager, actor, [partner]);
  return view!;
}

function wholeStops(manager: EntityManager, organisationIds: readonly string[]): Promise<Suspension[]> {
  return manager.find(Suspension, {
    where: { organisationId: In(organisationIds), scope: 'organisation', liftedAt: IsNull() },
    order: { id: 'ASC' },
  });
}

function byOrganisation<T extends { organisationId: string }>(rows: readonly T[]): Map<string, T[]> {
  return Map.groupBy(rows, ({ organisationId }) => organisationId);
}

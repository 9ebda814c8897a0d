import { Change } from '../audit/change.js';
import { PartnerOrganisation } from './partner-organisation.entity.js';

/**
 * Saves a partner and counts the change, also where only rows that belong to it changed, such as its contacts: who read
 * the partner before has read something else, and `If-Match` must say so.
 */
export async function saveCounted(change: Change, partner: PartnerOrganisation): Promise<void> {
  const before = partner.version;
  await change.save(partner);
  if (partner.version !== before) return;
  await change.manager.update(PartnerOrganisation, { id: partner.id }, { state: partner.state });
  partner.version += 1;
}

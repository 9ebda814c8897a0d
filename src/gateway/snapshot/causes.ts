import { ChangeLog } from '../revocations/change-log.entity.js';

/** A change, as far as it tells what is out of date. */
export type Change = Pick<ChangeLog, 'seq' | 'kind' | 'entityId' | 'agreementId' | 'cause'>;

/** What a change of each table makes out of date: the keys that it names, those that it reaches, or what is kept beside. */
const causes: Record<string, 'keys' | 'reached' | 'beside'> = {
  api_key: 'keys',
  key_secret: 'keys',
  campaign: 'reached',
  roster_entry: 'reached',
  user_account: 'reached',
  agreement: 'reached',
  agreement_version: 'reached',
  suspension: 'beside',
  gateway_credential: 'beside',
  model_price: 'beside',
  // No decision asks for how a partner stands: its agreements are ended or stopped.
  partner_organisation: 'beside',
};

/** Whether it is known what a change makes out of date; a table that a later version watches makes everything so. */
export function isKnown({ cause }: Change): boolean {
  return Object.hasOwn(causes, cause);
}

/** The changes that name a key. */
export function namingKeys(changes: readonly Change[]): Change[] {
  return changes.filter(({ cause }) => causes[cause] === 'keys');
}

/** The changes of what many keys may share, alike ones once. */
export function reachingKeys(changes: readonly Change[]): Change[] {
  const reaching = changes.filter(({ cause }) => causes[cause] === 'reached');
  return [...new Map(reaching.map((one) => [`${one.kind} ${one.entityId} ${one.agreementId}`, one])).values()];
}

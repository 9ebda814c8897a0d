import { childPointer } from '../../kernel/json-pointer.js';
import { differences, type AmendedText, type AmendmentFault } from './faults.js';

/** What may become of a quota without its being another one. */
const FREE = ['limit', 'enforcement', 'heldBy', 'clauseRef', 'notifyAtPercent'] as const;

const VERDICT = {
  code: 'terms.amendment_quota_changed',
  detail: 'What is counted under this id would no longer be the same.',
} as const;

/**
 * A quota is known by its id, and what was counted goes on counting after an amendment. So one that counts something
 * else, in other windows or for somebody else, takes an id of its own.
 */
export function quotasKeepTheirMeaning(
  { terms: before }: AmendedText,
  { terms: after }: AmendedText,
): AmendmentFault[] {
  return after.quotas.flatMap((quota, index) => {
    const was = before.quotas.find(({ id }) => id === quota.id);
    const place = childPointer('/terms/quotas', index);
    return was === undefined ? [] : differences(place, [was, quota], VERDICT, FREE);
  });
}

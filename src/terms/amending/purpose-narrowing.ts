import { childPointer } from '../../kernel/json-pointer.js';
import type { ConditionCode } from '../conditions.js';
import { fixed, noHigher, widened } from './comparisons.js';
import type { AmendmentFault } from './faults.js';
import { GRANTED_BY_NAME_ONLY, covers } from '../purposes.js';
import type { Condition, KeyTerms, PermittedPurpose, Terms } from '../terms.js';

/**
 * Every purpose that remains was permitted, by its own name or by a parent's, under no condition that it has lost. So a
 * parent may give way to some of its children.
 */
export function purposesNarrow({ purposes: before }: Terms, { purposes: after }: Terms): AmendmentFault[] {
  const place = '/terms/purposes';
  return [
    ...fixed(place, before, after, ['permitted']),
    ...after.permitted.flatMap((purpose, index) => {
      if (before.permitted.some((grant) => grants(grant, purpose))) return [];
      const detail = `${purpose.code} was not permitted before, or under more conditions.`;
      return [widened(`${place}/permitted/${index}`, detail, 'a purpose permitted before, with its conditions')];
    }),
  ];
}

function grants(before: PermittedPurpose, after: PermittedPurpose): boolean {
  if (!covers(before.code, after.code)) return false;
  if (after.code === GRANTED_BY_NAME_ONLY && before.code !== after.code) return false;
  return before.conditions.every((condition) => after.conditions.some((kept) => holds(kept, condition)));
}

/** How a condition with an instant grows stricter: a permission ends earlier, publication waits longer. */
const STRICTER: Partial<Record<ConditionCode, 'earlier' | 'later'>> = {
  time_limited: 'earlier',
  publication_moratorium_until: 'later',
};

/** Whether the condition `after` asks for all that `before` asks for. */
function holds(after: Condition, before: Condition): boolean {
  if (after.code !== before.code) return false;
  if (after.value === before.value) return true;
  const change = Date.parse(after.value ?? '') - Date.parse(before.value ?? '');
  const stricter = STRICTER[after.code];
  return (stricter === 'earlier' && change <= 0) || (stricter === 'later' && change >= 0);
}

/** Fewer keys may go without human approval: for fewer purposes, for a shorter life, or none. */
export function autoApprovalNarrows(before: KeyTerms['autoApprove'], after: KeyTerms['autoApprove']): AmendmentFault[] {
  const place = '/terms/keys/autoApprove';
  if (after === null) return [];
  if (before === null) return [widened(place, 'Keys would no longer all need approval.', 'null')];
  return [
    ...fixed(place, before, after, ['maxLifetimeDays', 'purposes']),
    ...noHigher(`${place}/maxLifetimeDays`, before.maxLifetimeDays, after.maxLifetimeDays),
    ...after.purposes.flatMap((purpose, index) => {
      if (before.purposes.some((former) => covers(former, purpose))) return [];
      const detail = `Keys for ${purpose} needed approval before.`;
      return [widened(childPointer(`${place}/purposes`, index), detail, 'a purpose listed before')];
    }),
  ];
}

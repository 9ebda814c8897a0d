import { pointerTo } from '../../kernel/json-pointer.js';
import type { TermsProblem } from './problems.js';
import { covers } from '../purposes.js';
import type { Terms } from '../terms.js';

/** The rules about keys, in the order their problems are listed. */
export function keyProblems(terms: Terms): TermsProblem[] {
  return [
    ...keysRotateWithinTheirLife(terms),
    ...oneResearcherStaysWithinTheTotal(terms),
    ...autoApprovedKeysAreNotLongerLived(terms),
    ...autoApprovalNamesPermittedPurposes(terms),
  ];
}

function keysRotateWithinTheirLife({ keys }: Terms): TermsProblem[] {
  if (keys.rotationDays <= keys.maxLifetimeDays) return [];
  const expected = `at most ${keys.maxLifetimeDays} days`;
  const detail = 'A key would expire before it had to be rotated.';
  return [{ pointer: '/keys/rotationDays', code: 'terms.key_lifetime_exceeded', detail, expected }];
}

function oneResearcherStaysWithinTheTotal({ keys }: Terms): TermsProblem[] {
  if (keys.maxActivePerResearcher <= keys.maxActiveTotal) return [];
  const expected = `at most ${keys.maxActiveTotal}`;
  const detail = 'One researcher could hold more keys than all of them together.';
  return [{ pointer: '/keys/maxActivePerResearcher', code: 'terms.key_count_exceeded', detail, expected }];
}

function autoApprovedKeysAreNotLongerLived({ keys }: Terms): TermsProblem[] {
  if (keys.autoApprove === null || keys.autoApprove.maxLifetimeDays <= keys.maxLifetimeDays) return [];
  const pointer = '/keys/autoApprove/maxLifetimeDays';
  const expected = `at most ${keys.maxLifetimeDays} days`;
  const detail = 'A key approved by nobody would outlive one approved by somebody.';
  return [{ pointer, code: 'terms.key_lifetime_exceeded', detail, expected }];
}

function autoApprovalNamesPermittedPurposes({ keys, purposes }: Terms): TermsProblem[] {
  return (keys.autoApprove?.purposes ?? []).flatMap((purpose, index): TermsProblem[] => {
    if (purposes.permitted.some(({ code }) => covers(code, purpose))) return [];
    const pointer = pointerTo(['keys', 'autoApprove', 'purposes', index]);
    const expected = 'a purpose covered by /purposes/permitted';
    return [{ pointer, code: 'terms.auto_approve_purpose', detail: `${purpose} is not permitted.`, expected }];
  });
}

import { proseDifferences, type AmendedText, type AmendmentFault, type FreeClauses } from './faults.js';
import { widenings } from './narrowing.js';
import { redline } from '../redline.js';
import type { Terms } from '../terms.js';

const PROSE = {
  code: 'terms.amendment_prose',
  detail: 'A protective amendment changes no other clause than those of the terms it changes.',
} as const;

/**
 * Why a change may not be made by the provider alone: the agreement before it does not permit that, the terms are not
 * only narrowed, or the prose changes elsewhere than it may. Whether new words say no more than the changed terms do is
 * for people to judge.
 */
export function protectiveFaults(before: AmendedText, after: AmendedText): AmendmentFault[] {
  return [
    ...unlessPermitted(before.terms),
    ...widenings(before.terms, after.terms),
    ...proseDifferences(before.prose, after.prose, PROSE, clausesOfChanges(before.terms, after.terms)),
  ];
}

function unlessPermitted({ cure }: Terms): AmendmentFault[] {
  if (cure.protectiveAmendments === true) return [];
  const detail = 'The terms to be amended do not permit protective amendments.';
  const expected = 'an amendment that both parties sign';
  return [{ pointer: '/terms/cure/protectiveAmendments', code: 'terms.amendment_not_permitted', detail, expected }];
}

/**
 * A clause may be reworded when a term that refers to it changes or goes. A term that is added brings its own clause:
 * if it could name an existing one, naming it would be enough to rewrite any clause of the agreement.
 */
function clausesOfChanges(before: Terms, after: Terms): FreeClauses {
  const [changed, added] = [new Set<string>(), new Set<string>()];
  for (const entry of redline(before, after)) {
    const own = entry.kind === 'added' ? referenceOf(entry.after) : null;
    if (own !== null) {
      added.add(own);
      continue;
    }
    const clause = nearestReference(entry.pointer, entry.kind === 'removed' ? before : after);
    if (clause !== null) changed.add(clause);
  }
  return { changed, added };
}

/** The clause that the innermost block around or at this place refers to; null when none does. */
function nearestReference(pointer: string, terms: Terms): string | null {
  let [place, clause]: [unknown, string | null] = [terms, null];
  // No field of terms has a `~` or a `/` in its name, so that nothing is escaped.
  for (const token of pointer.split('/').slice(1)) {
    place = Reflect.get(Object(place), token);
    clause = referenceOf(place) ?? clause;
  }
  return clause;
}

function referenceOf(block: unknown): string | null {
  const reference: unknown = Reflect.get(Object(block), 'clauseRef');
  return typeof reference === 'string' ? reference : null;
}

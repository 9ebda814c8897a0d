import { canonicalJson } from '../../kernel/canonical-json.js';
import { materialChanges } from './administrative.js';
import type { AmendedText, AmendmentFault } from './faults.js';
import { protectiveFaults } from './protective.js';
import { quotasKeepTheirMeaning } from './quota-identity.js';

/**
 * The kinds of amendment: one that both parties approve and sign, one of addresses for notices only, which the evaluator
 * acknowledges, and one by which the provider alone narrows the agreement during a cure.
 */
export const amendmentKinds = ['material', 'administrative', 'protective'] as const;

/** One of {@link amendmentKinds}. */
export type AmendmentKind = (typeof amendmentKinds)[number];

const START = '/terms/term/effectiveFrom';

const OF_KIND: Readonly<Record<AmendmentKind, (before: AmendedText, after: AmendedText) => AmendmentFault[]>> = {
  material: quotasKeepTheirMeaning,
  administrative: materialChanges,
  protective: protectiveFaults,
};

/**
 * Why `after` is not an amendment of this kind to `before`; empty when it is. Whatever its kind, it changes something,
 * and never the start of the term. Both texts must have been checked on their own.
 */
export function amendmentFaults(kind: AmendmentKind, before: AmendedText, after: AmendedText): AmendmentFault[] {
  const ofKind = OF_KIND[kind](before, after).filter(({ pointer }) => pointer !== START);
  return [...unlessChanged(before, after), ...unlessSameStart(before, after), ...ofKind];
}

function unlessChanged(before: AmendedText, after: AmendedText): AmendmentFault[] {
  if (bytesOf(before) !== bytesOf(after)) return [];
  const detail = 'The text is the one that is in force.';
  return [{ pointer: '', code: 'terms.amendment_empty', detail, expected: 'terms or prose that differ from it' }];
}

function bytesOf({ terms, prose }: AmendedText): string {
  return canonicalJson({ terms, prose: prose.map(({ clauseId, heading, text }) => ({ clauseId, heading, text })) });
}

/** The start says since when the agreement holds; an amendment has an instant of its own from which it changes it. */
function unlessSameStart({ terms: before }: AmendedText, { terms: after }: AmendedText): AmendmentFault[] {
  const expected = before.term.effectiveFrom;
  if (after.term.effectiveFrom === expected) return [];
  const detail = 'The agreement began when it began; an amendment changes the future only.';
  return [{ pointer: START, code: 'terms.amendment_start_moved', detail, expected }];
}

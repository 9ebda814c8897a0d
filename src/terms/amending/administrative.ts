import { differences, proseDifferences, type AmendedText, type AmendmentFault } from './faults.js';

const MATERIAL = {
  code: 'terms.amendment_material',
  detail: 'An administrative amendment changes the addresses for notices, and the clause about them, and nothing else.',
} as const;

/**
 * What a change touches besides `notices.addresses` and the words of the clause that `notices.clauseRef` names; empty
 * when the change is administrative.
 */
export function materialChanges(before: AmendedText, after: AmendedText): AmendmentFault[] {
  const [was, is] = [before.terms.notices, after.terms.notices];
  const free = { changed: new Set([was.clauseRef]), added: new Set<string>() };
  return [
    ...differences('/terms', [before.terms, after.terms], MATERIAL, ['notices']),
    ...differences('/terms/notices', [was, is], MATERIAL, ['addresses']),
    ...proseDifferences(before.prose, after.prose, MATERIAL, free),
  ];
}

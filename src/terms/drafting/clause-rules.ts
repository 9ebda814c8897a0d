import { childPointer, pointerTo } from '../../kernel/json-pointer.js';
import type { TermsProblem } from './problems.js';
import type { Terms } from '../terms.js';

/** Every reference into the prose must lead somewhere: terms and words are signed as one. */
export function clauseProblems(terms: Terms, clauseIds: ReadonlySet<string>): TermsProblem[] {
  return clauseReferences(terms).flatMap(({ pointer, clauseRef }): TermsProblem[] => {
    if (clauseIds.has(clauseRef)) return [];
    const detail = `The prose has no clause ${clauseRef}.`;
    return [{ pointer, code: 'terms.unknown_clause', detail, expected: 'a clause of the prose' }];
  });
}

/** Every reference into the prose, with its place, in the order of the document. */
export function clauseReferences(terms: Terms): { readonly pointer: string; readonly clauseRef: string }[] {
  const surviving = terms.termination.survivingClauses.map((clauseRef, index) => ({
    pointer: pointerTo(['termination', 'survivingClauses', index]),
    clauseRef,
  }));
  return [...references(terms, ''), ...surviving];
}

function references(value: unknown, pointer: string): { pointer: string; clauseRef: string }[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const place = childPointer(pointer, key);
    if (key === 'clauseRef' && typeof member === 'string') return [{ pointer: place, clauseRef: member }];
    return references(member, place);
  });
}

import type { DecisionContext, Reason } from './decision.js';
import type { Quota, Terms } from '../terms.js';

/** One request being weighed: its context, the terms and instant, and the quotas that count it. */
export interface Weighed extends DecisionContext {
  readonly terms: Terms;
  readonly at: Date;
  readonly quotas: readonly Quota[];
}

/** A check answers with every rule that is not met, or with {@link PASSED}. */
export type Check = (weighed: Weighed) => readonly Reason[];

export const PASSED: readonly Reason[] = [];

export function unmet(clause: { clauseRef: string }, rule: string, expected: string, observed: string): Reason {
  return { clauseRef: clause.clauseRef, rule, expected, observed };
}

/** Names in sorted order, so that a reason reads the same however the lists behind it were ordered. */
export function listed(names: readonly string[] | 'any'): string {
  if (names === 'any') return names;
  return names.length === 0 ? 'none' : names.toSorted().join(', ');
}

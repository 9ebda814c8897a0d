import { Terms } from '../terms/terms.js';
import { AgreementState } from './agreement.entity.js';

export const standingStatuses = ['not_executed', 'pending', 'in_force', 'suspended', 'expired'] as const;
export type StandingStatus = (typeof standingStatuses)[number];

/** What follows from the facts for an agreement at an instant; never stored, so it can never be stale. */
export function statusOf(state: AgreementState, terms: Terms | null, stops: number, at: Date): StandingStatus {
  if (state !== 'executed' || terms === null) return 'not_executed';
  if (at >= new Date(terms.term.expiresAt)) return 'expired';
  if (at < new Date(terms.term.effectiveFrom)) return 'pending';
  return stops > 0 ? 'suspended' : 'in_force';
}

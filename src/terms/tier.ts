import { isHighTierPurpose } from './purposes.js';
import type { Terms } from './terms.js';

/** Who must approve: the usual approver, or legal and compliance as well. */
export type ApprovalTier = 'standard' | 'high';

/** Key lifetimes at the high tier, in days. */
export const HIGH_TIER_KEY_LIFETIME_DAYS_MAX = 30;

/** The tier of approval these terms take: high for a purpose touching CBRN or cyber offence, or without safeguards. */
export function approvalTier(terms: Pick<Terms, 'purposes' | 'scope'>): ApprovalTier {
  const withoutSafeguards = ['helpful_only', 'none'].includes(terms.scope.safeguardProfile);
  return withoutSafeguards || terms.purposes.permitted.some(({ code }) => isHighTierPurpose(code))
    ? 'high'
    : 'standard';
}

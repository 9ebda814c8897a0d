import { quotasApplying } from './clauses.js';
import type { Decision, DecisionContext, DenyCode, Reason } from './decision.js';
import {
  purposeIsPermitted,
  modelIsInScope,
  capabilitiesAreInScope,
  endpointIsInScope,
  networkIsAllowed,
  quotasHaveRoom,
  evaluationSetIsAgreed,
} from './scope-checks.js';
import {
  keyIsWellFormed,
  keyIsKnown,
  keyIsNotRevoked,
  keyIsNotExpired,
  keyIsNotSuspended,
  nothingElseIsSuspended,
  agreementIsInForce,
  campaignIsActive,
  researcherIsOnRoster,
  authorityIsFresh,
  paceIsKept,
} from './standing-checks.js';
import type { Terms } from '../terms.js';
import type { Check, Weighed } from './weighed.js';

/** Every check, in the order of precedence of its code. This list is the decision. */
const PRECEDENCE: readonly (readonly [DenyCode, Check])[] = [
  ['malformed_key', keyIsWellFormed],
  ['unknown_key', keyIsKnown],
  ['key_revoked', keyIsNotRevoked],
  ['key_expired', keyIsNotExpired],
  ['key_suspended', keyIsNotSuspended],
  ['agreement_not_in_force', agreementIsInForce],
  ['agreement_suspended', nothingElseIsSuspended],
  ['campaign_not_active', campaignIsActive],
  ['researcher_not_on_roster', researcherIsOnRoster],
  ['purpose_not_permitted', purposeIsPermitted],
  ['model_not_in_scope', modelIsInScope],
  ['capability_not_in_scope', capabilitiesAreInScope],
  ['endpoint_not_in_scope', endpointIsInScope],
  ['network_not_allowed', networkIsAllowed],
  ['quota_exhausted', quotasHaveRoom],
  ['rate_limited', paceIsKept],
  ['stale_authority', authorityIsFresh],
];

/**
 * Decides one request under these terms at one instant: used alike when drafting, issuing keys, admitting, reconciling
 * and simulating. Pure, and reads no clock. Permission must be explicit; whatever is absent is not permitted.
 */
export function evaluate(terms: Terms, context: DecisionContext, at: Date): Decision {
  const { model, purpose } = context.request;
  const quotas = quotasApplying(terms, { modelSnapshot: model, purpose });
  const weighed: Weighed = { ...context, terms, at, quotas };
  const reasons: Reason[] = [];
  let code: DenyCode | null = null;
  for (const [denyCode, check] of PRECEDENCE) {
    const unmet = check(weighed);
    if (unmet.length === 0) continue;
    code ??= denyCode;
    reasons.push(...unmet);
  }
  const doubts = evaluationSetIsAgreed(weighed);
  reasons.push(...doubts);
  const applies = quotas.map(({ id }) => id);
  if (code !== null) return { outcome: 'deny', code, reasons, applies };
  return { outcome: doubts.length > 0 ? 'review' : 'allow', code: 'allowed', reasons, applies };
}

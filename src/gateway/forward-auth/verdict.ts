import { DenyCode, Reason } from '../../terms/deciding/decision.js';
import { Refusal } from '../../kernel/refusal.js';
import { catalogueUrl, problemBody } from '../../http/problem.js';
import { Admission } from '../journal.js';
import { KeyFacts } from '../standing.js';
import { spreadRetryAfter } from '../retry-after.js';
import { quotaRetryAfter, rateLimitHeaders, violatedPolicies } from './rate-limit.js';

/** What a forwarded request is answered with, before a profile puts it in the words of its gateway. */
export interface Verdict {
  /** 200 allows; 401, 403 and 429 deny; 5xx is no decision, and denies too. */
  status: number;
  /** `allowed`, a code of a denial, or a code of the catalogue of problems. */
  code: string;
  headers: Record<string, string>;
  /** RFC 9457; null where it allows. */
  problem: object | null;
}

/** The statuses of denials: who asks, what is asked for, how much, and that nothing fresh is known. */
const statuses: Record<DenyCode, 401 | 403 | 429 | 503> = {
  malformed_key: 401,
  unknown_key: 401,
  key_revoked: 401,
  key_expired: 401,
  key_suspended: 403,
  agreement_not_in_force: 403,
  agreement_suspended: 403,
  campaign_not_active: 403,
  researcher_not_on_roster: 403,
  purpose_not_permitted: 403,
  model_not_in_scope: 403,
  capability_not_in_scope: 403,
  endpoint_not_in_scope: 403,
  network_not_allowed: 403,
  quota_exhausted: 429,
  rate_limited: 429,
  stale_authority: 503,
};

/** The problem types that the RateLimit draft registers, verbatim. */
const registered = 'https://iana.org/assignments/http-problem-types';

/** The longest wait, in seconds, for which a client library should keep a request back. */
const worthWaitingSeconds = 60;

/** The verdict of a decision. */
export function verdictOf(admission: Admission): Verdict {
  const { decision, facts, authorization } = admission;
  const limits = rateLimitHeaders(admission);
  if (decision.code === 'allowed') {
    return {
      status: 200,
      code: 'allowed',
      headers: { ...upstreamHeaders(authorization!, facts!), ...limits },
      problem: null,
    };
  }
  const status = statuses[decision.code];
  const denials = { 401: unknownHolder, 403: notAgreed, 429: tooMuch, 503: notFresh };
  const { headers, ...more } = denials[status](admission);
  const problem = { title: titles[status], status, code: decision.code, ...more };
  return { status, code: decision.code, headers: { ...limits, ...headers }, problem };
}

/** The verdict where there is no decision: no key or no gateway to ask for, or Parley is busy. */
export function verdictOfRefusal(refusal: Refusal): Verdict {
  const body = problemBody(refusal);
  const { status, code } = body;
  const { retryAfterSeconds } = refusal.more;
  const headers = {
    ...(retryAfterSeconds && { 'Retry-After': String(spreadRetryAfter(retryAfterSeconds)) }),
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer realm="parley"' }),
  };
  const type = status === 503 ? { type: `${registered}#temporary-reduced-capacity` } : {};
  return { status, code, headers, problem: { ...body, ...type } };
}

/** What the request carries on to the model, so that its use can be settled and attributed there. */
function upstreamHeaders(authorization: string, facts: KeyFacts): Record<string, string> {
  return {
    'X-Parley-Authorization': authorization,
    'X-Parley-Key-Id': facts.publicId,
    'X-Parley-Agreement-Id': facts.agreementId,
    'X-Parley-Agreement-Version': String(facts.version.number),
    'X-Parley-Campaign-Id': facts.campaignId,
    'X-Parley-Purpose': facts.purpose,
  };
}

const titles = {
  401: 'This key opens nothing',
  403: 'Not what was agreed',
  429: 'A quota is used up',
  503: 'No decision can be made now',
} as const;

interface Denial {
  type: string;
  detail: string;
  headers: Record<string, string>;
  [extension: string]: unknown;
}

const denialType = `${catalogueUrl}#codes-of-a-denial`;

/** To who holds no good key, nothing is said of what the key stood for. */
function unknownHolder(): Denial {
  const headers = { 'WWW-Authenticate': 'Bearer realm="parley", error="invalid_token"' };
  return { type: denialType, detail: 'The key was never issued, is revoked or has expired.', headers };
}

function notAgreed({ decision: { reasons } }: Admission): Denial {
  return { type: denialType, detail: told(reasons), rules: reasons.map(({ rule }) => rule), headers: {} };
}

function tooMuch(admission: Admission): Denial {
  const wait = quotaRetryAfter(admission);
  const headers = {
    ...(wait !== null && { 'Retry-After': String(wait) }),
    // Client libraries try a 429 again at once when the wait is too long for them, which only makes it worse.
    ...((wait === null || wait > worthWaitingSeconds) && { 'X-Should-Retry': 'false' }),
  };
  const detail = told(admission.decision.reasons);
  return { type: `${registered}#quota-exceeded`, detail, 'violated-policies': violatedPolicies(admission), headers };
}

function notFresh(): Denial {
  const headers = { 'Retry-After': String(spreadRetryAfter(1)) };
  const detail = 'What is known of the key is older than it may be.';
  return { type: `${registered}#temporary-reduced-capacity`, detail, headers };
}

/** The clauses that stand against it. What they expect stays unsaid: terms may name models that are not public. */
function told(reasons: readonly Reason[]): string {
  const clauses = [...new Set(reasons.map(({ clauseRef }) => clauseRef))];
  return `${clauses.length > 1 ? 'Clauses' : 'Clause'} ${clauses.join(', ')} of the agreement: it is not permitted.`;
}

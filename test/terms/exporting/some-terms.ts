import * as fc from 'fast-check';
import { CONDITIONS, FRAMEWORKS } from '../../../src/terms/conditions.js';
import { PROHIBITED_USE_CODES } from '../../../src/terms/prohibited-uses.js';
import { PURPOSE_CODES } from '../../../src/terms/purposes.js';
import type {
  Capability,
  Condition,
  DataTerms,
  HeldBy,
  Obligation,
  Prohibition,
  Publication,
  Quota,
  QuotaWindow,
  Scope,
  Terms,
} from '../../../src/terms/terms.js';

const INSTANTS = ['2026-01-01T00:00:00Z', '2026-03-01T08:30:00Z', '2026-05-15T12:00:30.250Z', '2026-07-01T00:00:00Z'];
const ZONES = ['UTC', 'America/Los_Angeles', 'Asia/Kolkata'];
const MODELS = ['aurora-4', 'aurora-5'];

const instant = fc.constantFrom(...INSTANTS);
const zone = fc.constantFrom(...ZONES);
const days = fc.integer({ min: 0, max: 400 });
const daysAtLeastOne = fc.integer({ min: 1, max: 400 });
const count = fc.oneof(fc.constantFrom(0, 1, 999, 1_000, 999_999, 2 ** 53 - 1), fc.integer({ min: 0, max: 10 ** 12 }));
const purpose = fc.constantFrom(...PURPOSE_CODES);
const uses = fc.uniqueArray(fc.constantFrom(...PROHIBITED_USE_CODES), { maxLength: 4 });

function clause<How extends HeldBy>(...heldBy: How[]) {
  return { clauseRef: fc.constant(''), heldBy: fc.constantFrom(...heldBy) };
}

const condition: fc.Arbitrary<Condition> = fc.constantFrom(...CONDITIONS).map(({ code, value }) => {
  if (value === 'none') return { code };
  return { code, value: value === 'instant' ? '2026-04-01T00:00:00Z' : 'DE, FR' };
});

const prohibition: fc.Arbitrary<Prohibition> = fc.record({
  ...clause('enforced', 'metered', 'attested'),
  code: fc.constantFrom(...PROHIBITED_USE_CODES, ...PURPOSE_CODES),
  curable: fc.boolean(),
  response: fc.constantFrom('finding', 'throttle', 'suspend_key'),
});

const scope: fc.Arbitrary<Scope> = fc.record({
  ...clause('enforced'),
  models: fc.uniqueArray(
    fc.record({
      modelId: fc.constantFrom(...MODELS),
      snapshot: fc.constantFrom('aurora-4-20251120', 'aurora-5-rc2-20260301', 'lab/aurora:5@7'),
      stage: fc.constantFrom('pre_deployment', 'deployed', 'deprecated'),
      from: instant,
      until: instant,
    }),
    { selector: ({ snapshot }) => snapshot, maxLength: 3 },
  ),
  capabilities: fc.subarray<Capability>(['sampling', 'logprobs', 'reasoning_trace', 'tools', 'fine_tuning']),
  safeguardProfile: fc.constantFrom('production', 'relaxed_external', 'helpful_only', 'none'),
  endpoints: fc.subarray(['messages', 'batches', 'files']),
});

const window: fc.Arbitrary<QuotaWindow> = fc.oneof(
  fc.record({
    kind: fc.constant('calendar' as const),
    unit: fc.constantFrom('hour', 'day', 'week', 'month'),
    timezone: zone,
  }),
  fc.record({ kind: fc.constant('rolling' as const), unit: fc.constantFrom('minute', 'hour', 'day', 'week') }),
  fc.constant({ kind: 'term' as const }),
);

const quota: fc.Arbitrary<Quota> = fc
  .record({
    ...clause('enforced', 'metered'),
    id: fc.constantFrom('daily', 'monthly', 'team/a:1', 'watch'),
    metric: fc.constantFrom(
      'requests',
      'input_tokens',
      'output_tokens',
      'total_tokens',
      'spend',
      'concurrent_requests',
    ),
    limit: count,
    window,
    scope: fc.constantFrom('agreement', 'campaign', 'researcher', 'key'),
    filter: fc.record({ modelId: fc.constantFrom(...MODELS), purpose }, { requiredKeys: [] }),
    enforcement: fc.constantFrom('hard', 'soft'),
    notifyAtPercent: fc.subarray([50, 80, 100]),
  })
  .map((made) => (made.metric === 'spend' ? { ...made, currency: 'USD' } : made));

const data: fc.Arbitrary<DataTerms> = fc.record({
  ...clause('attested'),
  providerRetention: fc.record({ promptDays: days, metadataDays: daysAtLeastOne }),
  contentLogging: fc.constantFrom('none', 'metadata_only', 'sampled', 'full'),
  trainingOnContent: fc.constant({ provider: false, evaluator: false }),
  evaluatorRetention: fc.record({ days, deletionCertificate: fc.boolean(), deletionDueDays: days }),
  personalData: fc.constantFrom('prohibited', 'dpa_required'),
  compensatingControls: fc.array(
    fc.record({ clauseRef: fc.constant(''), text: fc.constantFrom('Keep it.', 'Watch.') }),
    {
      maxLength: 2,
    },
  ),
});

const obligation: fc.Arbitrary<Obligation> = fc.record({
  ...clause('attested'),
  id: fc.constantFrom('one', 'two', 'three'),
  kind: fc.constantFrom(
    'usage_attestation',
    'interim_report',
    'final_report',
    'raw_results',
    'vulnerability_disclosure',
  ),
  cadence: fc.constantFrom('monthly', 'quarterly', 'on_campaign_end', 'on_discovery', 'on_term_end'),
  dueDays: days,
});

const grounds: Publication['grounds'][number][] = ['factual_error', 'confidential_information', 'third_party_rights'];

const shaped: fc.Arbitrary<Terms> = fc.record({
  schema: fc.constant('parley-terms/1'),
  term: fc.record({
    ...clause('enforced'),
    effectiveFrom: instant,
    expiresAt: instant,
    renewal: fc.constantFrom('none', 'by_amendment'),
  }),
  purposes: fc.record({
    ...clause('enforced'),
    permitted: fc.uniqueArray(fc.record({ code: purpose, conditions: fc.array(condition, { maxLength: 3 }) }), {
      selector: ({ code }) => code,
      maxLength: 4,
    }),
    assessmentForm: fc.constantFrom(
      'independent_evaluation',
      'methodology_review',
      'sme_probing',
      'joint_exercise',
      'red_teaming',
    ),
    frameworks: fc.subarray(FRAMEWORKS.map(({ code }) => code)),
  }),
  prohibitedUses: fc.uniqueArray(prohibition, { selector: ({ code }) => code, maxLength: 5 }),
  scope,
  quotas: fc.uniqueArray(quota, { selector: ({ id }) => id, maxLength: 4 }),
  networks: fc.record({
    ...clause('enforced'),
    cidrs: fc.oneof(fc.constant('any' as const), fc.subarray(['198.51.100.0/24', '2001:db8:77::/48'])),
  }),
  roster: fc.record({
    ...clause('enforced'),
    maxResearchers: fc.integer({ min: 0, max: 3 }),
    emailDomains: fc.subarray(['kestrel.example', 'kestrel.test']),
    cleanTeam: fc.record({ ...clause('attested'), required: fc.boolean(), coolingOffDays: days }),
  }),
  keys: fc.record({
    ...clause('enforced'),
    maxActiveTotal: fc.integer({ min: 0, max: 3 }),
    maxActivePerResearcher: fc.integer({ min: 0, max: 3 }),
    maxLifetimeDays: daysAtLeastOne,
    rotationDays: daysAtLeastOne,
    idleRevokeDays: daysAtLeastOne,
    autoApprove: fc.option(
      fc.record({ maxLifetimeDays: daysAtLeastOne, purposes: fc.uniqueArray(purpose, { maxLength: 2 }) }),
    ),
  }),
  evaluationSets: fc.record({
    ...clause('metered'),
    permitted: fc.subarray(['agentic-misalignment-v2', 'strongreject']),
    capabilityBenchmarks: fc.constantFrom('forbidden', 'registered_only', 'allowed'),
  }),
  data,
  reporting: fc.uniqueArray(obligation, { selector: ({ id }) => id, maxLength: 3 }),
  publication: fc.record({
    ...clause('attested'),
    reviewBusinessDays: days,
    extensionBusinessDays: days,
    timezone: zone,
    grounds: fc.subarray(grounds),
    silence: fc.constant('cleared'),
  }),
  notices: fc.record({
    ...clause('enforced', 'attested'),
    addresses: fc.array(
      fc.record({
        party: fc.constantFrom('provider', 'evaluator'),
        email: fc.constantFrom('a@lab.example', 'b@lab.example'),
      }),
      { maxLength: 3 },
    ),
    deemedReceivedHours: fc.integer({ min: 0, max: 72 }),
  }),
  cure: fc.record({ ...clause('enforced', 'attested'), periodDays: days, incurable: uses }),
  suspension: fc.record({
    ...clause('enforced', 'attested'),
    withoutNoticeFor: uses,
    maxDaysWithoutDecision: daysAtLeastOne,
  }),
  termination: fc.record({
    ...clause('enforced', 'attested'),
    convenienceNoticeDays: days,
    forCause: fc.boolean(),
    survivingClauses: fc.subarray(['7', '9', '12']),
  }),
});

/** Terms of the right shape, whatever they say; every block refers to a clause of its own, `c1`, `c2` and so on. */
export const someTerms: fc.Arbitrary<Terms> = shaped.map((terms) => {
  const copy = structuredClone(terms);
  number(copy, { next: 1 });
  return copy;
});

function number(value: unknown, counter: { next: number }): void {
  if (value === null || typeof value !== 'object') return;
  if ('clauseRef' in value) {
    value.clauseRef = `c${counter.next}`;
    counter.next += 1;
  }
  for (const member of Object.values(value)) number(member, counter);
}

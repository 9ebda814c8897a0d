import { CONDITIONS, FRAMEWORKS } from '../conditions.js';
import { PROHIBITED_USE_CODES } from '../prohibited-uses.js';
import { PURPOSE_CODES } from '../purposes.js';
import {
  clause,
  clauseRef,
  closed,
  count,
  days,
  daysAtLeastOne,
  flag,
  formatted,
  instant,
  integer,
  listOf,
  name,
  oneOf,
  only,
  setOf,
  text,
  timeZone,
  type JsonSchema,
} from './schema-parts.js';
import { TERMS_SCHEMA } from '../terms.js';

const ENFORCED = ['enforced'];
const METERED = ['metered'];
const ATTESTED = ['attested'];
/** Clauses whose clocks Parley keeps where it can, and which the parties otherwise keep themselves. */
const KEPT = ['enforced', 'attested'];

const purpose = oneOf(PURPOSE_CODES);
const prohibitedUse = oneOf(PROHIBITED_USE_CODES);

const term = clause(ENFORCED, {
  effectiveFrom: instant,
  expiresAt: instant,
  renewal: oneOf(['none', 'by_amendment']),
});

const condition = closed({ code: oneOf(CONDITIONS.map(({ code }) => code)), value: text }, ['value']);

const purposes = clause(ENFORCED, {
  permitted: listOf(closed({ code: purpose, conditions: listOf(condition) })),
  assessmentForm: oneOf([
    'independent_evaluation',
    'methodology_review',
    'sme_probing',
    'joint_exercise',
    'red_teaming',
  ]),
  frameworks: setOf(oneOf(FRAMEWORKS.map(({ code }) => code))),
});

const prohibition = clause(['enforced', 'metered', 'attested'], {
  code: oneOf([...PROHIBITED_USE_CODES, ...PURPOSE_CODES]),
  curable: flag,
  response: oneOf(['finding', 'throttle', 'suspend_key']),
});

const scope = clause(ENFORCED, {
  models: listOf(
    closed({
      modelId: name,
      snapshot: formatted('exact-snapshot'),
      stage: oneOf(['pre_deployment', 'deployed', 'deprecated']),
      from: instant,
      until: instant,
    }),
  ),
  capabilities: setOf(
    oneOf([
      'sampling',
      'logprobs',
      'reasoning_trace',
      'system_prompt',
      'tools',
      'computer_use',
      'batch',
      'fine_tuning',
      'embeddings',
    ]),
  ),
  safeguardProfile: oneOf(['production', 'relaxed_external', 'helpful_only', 'none']),
  endpoints: setOf(name),
});

const quotaWindow: JsonSchema = {
  type: 'object',
  discriminator: { propertyName: 'kind' },
  oneOf: [
    closed({ kind: only('calendar'), unit: oneOf(['hour', 'day', 'week', 'month']), timezone: timeZone }),
    closed({ kind: only('rolling'), unit: oneOf(['minute', 'hour', 'day', 'week']) }),
    closed({ kind: only('term') }),
  ],
};

const quota = clause(
  ['enforced', 'metered'],
  {
    id: name,
    metric: oneOf(['requests', 'input_tokens', 'output_tokens', 'total_tokens', 'spend', 'concurrent_requests']),
    limit: count,
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    window: quotaWindow,
    scope: oneOf(['agreement', 'campaign', 'researcher', 'key']),
    filter: closed({ modelId: name, purpose }, ['modelId', 'purpose']),
    enforcement: oneOf(['hard', 'soft']),
    notifyAtPercent: setOf(integer(1, 100)),
  },
  ['currency'],
);

const networks = clause(ENFORCED, {
  // A text must be the word `any`; a list must hold CIDR blocks. Each keyword looks only at its own type.
  cidrs: { ...setOf(formatted('cidr')), type: ['array', 'string'], pattern: '^any$' },
});

const roster = clause(ENFORCED, {
  maxResearchers: integer(0, 10_000),
  emailDomains: setOf(formatted('domain')),
  cleanTeam: clause(ATTESTED, { required: flag, coolingOffDays: days }),
});

const keys = clause(ENFORCED, {
  maxActiveTotal: integer(0, 100_000),
  maxActivePerResearcher: integer(0, 100_000),
  maxLifetimeDays: daysAtLeastOne,
  rotationDays: daysAtLeastOne,
  idleRevokeDays: daysAtLeastOne,
  autoApprove: {
    ...closed({ maxLifetimeDays: daysAtLeastOne, purposes: setOf(purpose) }),
    type: ['object', 'null'],
  },
});

const evaluationSets = clause(METERED, {
  permitted: setOf(name),
  capabilityBenchmarks: oneOf(['forbidden', 'registered_only', 'allowed']),
});

const data = clause(ATTESTED, {
  providerRetention: closed({ promptDays: days, metadataDays: daysAtLeastOne }),
  contentLogging: oneOf(['none', 'metadata_only', 'sampled', 'full']),
  trainingOnContent: closed({ provider: only(false), evaluator: only(false) }),
  evaluatorRetention: closed({ days, deletionCertificate: flag, deletionDueDays: days }),
  personalData: oneOf(['prohibited', 'dpa_required']),
  compensatingControls: listOf(closed({ clauseRef, text })),
});

const obligation = clause(ATTESTED, {
  id: name,
  kind: oneOf(['usage_attestation', 'interim_report', 'final_report', 'raw_results', 'vulnerability_disclosure']),
  cadence: oneOf(['monthly', 'quarterly', 'on_campaign_end', 'on_discovery', 'on_term_end']),
  dueDays: days,
});

const publication = clause(ATTESTED, {
  reviewBusinessDays: days,
  extensionBusinessDays: days,
  timezone: timeZone,
  grounds: setOf(oneOf(['factual_error', 'confidential_information', 'hazardous_detail', 'third_party_rights'])),
  silence: only('cleared'),
});

const cure = clause(KEPT, { periodDays: days, incurable: setOf(prohibitedUse), protectiveAmendments: flag }, [
  'protectiveAmendments',
]);

const notices = clause(KEPT, {
  addresses: listOf(closed({ party: oneOf(['provider', 'evaluator']), email: formatted('email-address') })),
  deemedReceivedHours: integer(0, 8_760),
});

/** The shape of `parley-terms/1` as JSON Schema 2020-12, fit to be served. Rules across fields are in `rules.ts`. */
export const termsSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:parley:terms:1',
  title: 'Terms of an evaluation agreement',
  ...closed({
    schema: only(TERMS_SCHEMA),
    term,
    purposes,
    prohibitedUses: listOf(prohibition),
    scope,
    quotas: listOf(quota),
    networks,
    roster,
    keys,
    evaluationSets,
    data,
    reporting: listOf(obligation),
    publication,
    notices,
    cure,
    suspension: clause(KEPT, { withoutNoticeFor: setOf(prohibitedUse), maxDaysWithoutDecision: daysAtLeastOne }),
    termination: clause(KEPT, {
      convenienceNoticeDays: days,
      forCause: flag,
      survivingClauses: setOf(clauseRef),
    }),
  }),
};

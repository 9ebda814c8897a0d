import { Terms } from '../terms/terms.js';

/** The two models of the story. */
export const models = { conversation: 'atlas-2-2026-03-01', code: 'atlas-2-code-2026-05-01' } as const;

/** A model that no agreement of the story names. */
export const unreleasedModel = 'atlas-3-preview-2026-11-01';

/** The network that the agreement lets in, and one that it does not. */
export const addresses = { office: '198.51.100.20', elsewhere: '203.0.113.77' } as const;

/** The prose of the story's agreement. */
export const prose = [
  ['1', 'Purpose', 'The Evaluator may evaluate the Provider’s models for robustness against jailbreaks.'],
  ['2', 'Term', 'This agreement holds within the instants that its terms name, and is renewed by amendment only.'],
  ['3', 'Prohibited uses', 'No training, no distillation, no competing product, no benchmarking of capability.'],
  ['4', 'Models', 'Exact snapshots, capabilities and endpoints are named in the terms; nothing else is in scope.'],
  ['5', 'Quotas', 'A request beyond a hard quota is refused. Use beyond it is a breach, however it came about.'],
  ['6', 'Networks and people', 'Access comes from the named networks, by researchers for whom the Evaluator vouches.'],
  ['7', 'Keys', 'Each key belongs to one researcher and one campaign, and every request is authorised by Parley.'],
  ['8', 'Evaluation sets', 'Safety sets may be run. Capability benchmarks may not.'],
  ['9', 'Data', 'Neither party trains on what passes between them.'],
  [
    '10',
    'Reports and publication',
    'A final report is due. Publication is reviewed on closed grounds; silence clears.',
  ],
  ['11', 'Notices, cure, suspension, termination', 'Thirty days to cure, thirty days of notice.'],
].map(([clauseId, heading, text]) => ({ clauseId: clauseId!, heading: heading!, text: text! }));

/** Terms that hold in `[from, until)`, with a daily limit on requests to the code model. */
export function termsOf(from: Date, until: Date, codeRequests: number): Terms {
  const [effectiveFrom, expiresAt] = [from.toISOString(), until.toISOString()];
  const inScope = { stage: 'deployed' as const, from: effectiveFrom, until: expiresAt };
  return {
    schema: 'parley-terms/1',
    term: { clauseRef: '2', heldBy: 'enforced', effectiveFrom, expiresAt, renewal: 'by_amendment' },
    purposes: {
      clauseRef: '1',
      heldBy: 'enforced',
      permitted: [{ code: 'robustness.jailbreak', conditions: [] }],
      assessmentForm: 'red_teaming',
      frameworks: [],
    },
    prohibitedUses: [
      { code: 'model_training', clauseRef: '3', heldBy: 'attested', curable: false, response: 'suspend_key' },
      { code: 'competitive_benchmarking', clauseRef: '3', heldBy: 'metered', curable: true, response: 'finding' },
    ],
    scope: {
      clauseRef: '4',
      heldBy: 'enforced',
      models: [
        { modelId: 'atlas-2', snapshot: models.conversation, ...inScope },
        { modelId: 'atlas-2-code', snapshot: models.code, ...inScope },
      ],
      capabilities: ['sampling', 'system_prompt'],
      safeguardProfile: 'production',
      endpoints: ['messages'],
    },
    quotas: quotasOf(codeRequests),
    ...housekeepingTerms,
  };
}

/** Hard daily limits: a tight one on the code model, and two that leave room. */
function quotasOf(codeRequests: number): Terms['quotas'] {
  const window = { kind: 'calendar' as const, unit: 'day' as const, timezone: 'UTC' };
  const hard = { clauseRef: '5', heldBy: 'enforced' as const, window, enforcement: 'hard' as const };
  return [
    {
      ...hard,
      id: 'code-requests-daily',
      metric: 'requests',
      limit: codeRequests,
      scope: 'agreement',
      filter: { modelId: 'atlas-2-code' },
      notifyAtPercent: [80],
    },
    {
      ...hard,
      id: 'output-tokens-daily',
      metric: 'output_tokens',
      limit: 20_000_000,
      scope: 'agreement',
      filter: {},
      notifyAtPercent: [80],
    },
    {
      ...hard,
      id: 'key-requests-daily',
      metric: 'requests',
      limit: 50_000,
      scope: 'key',
      filter: {},
      notifyAtPercent: [],
    },
  ];
}

const housekeepingTerms: Omit<Terms, 'schema' | 'term' | 'purposes' | 'prohibitedUses' | 'scope' | 'quotas'> = {
  networks: { clauseRef: '6', heldBy: 'enforced', cidrs: ['198.51.100.0/24'] },
  roster: {
    clauseRef: '6',
    heldBy: 'enforced',
    maxResearchers: 5,
    emailDomains: ['rival.example'],
    cleanTeam: { clauseRef: '6', heldBy: 'attested', required: false, coolingOffDays: 0 },
  },
  keys: {
    clauseRef: '7',
    heldBy: 'enforced',
    maxActiveTotal: 10,
    maxActivePerResearcher: 3,
    maxLifetimeDays: 30,
    rotationDays: 30,
    idleRevokeDays: 30,
    autoApprove: null,
  },
  evaluationSets: { clauseRef: '8', heldBy: 'metered', permitted: [], capabilityBenchmarks: 'forbidden' },
  data: {
    clauseRef: '9',
    heldBy: 'attested',
    providerRetention: { promptDays: 30, metadataDays: 400 },
    contentLogging: 'metadata_only',
    trainingOnContent: { provider: false, evaluator: false },
    evaluatorRetention: { days: 365, deletionCertificate: true, deletionDueDays: 60 },
    personalData: 'prohibited',
    compensatingControls: [],
  },
  reporting: [
    {
      id: 'final-report',
      clauseRef: '10',
      heldBy: 'attested',
      kind: 'final_report',
      cadence: 'on_campaign_end',
      dueDays: 30,
    },
  ],
  publication: {
    clauseRef: '10',
    heldBy: 'attested',
    reviewBusinessDays: 15,
    extensionBusinessDays: 10,
    timezone: 'UTC',
    grounds: ['factual_error', 'confidential_information', 'hazardous_detail', 'third_party_rights'],
    silence: 'cleared',
  },
  notices: {
    clauseRef: '11',
    heldBy: 'attested',
    addresses: [
      { party: 'provider', email: 'notices@lab.example' },
      { party: 'evaluator', email: 'notices@rival.example' },
    ],
    deemedReceivedHours: 48,
  },
  cure: { clauseRef: '11', heldBy: 'attested', periodDays: 30, incurable: ['model_training'] },
  suspension: { clauseRef: '11', heldBy: 'enforced', withoutNoticeFor: ['model_training'], maxDaysWithoutDecision: 14 },
  termination: {
    clauseRef: '11',
    heldBy: 'attested',
    convenienceNoticeDays: 30,
    forCause: true,
    survivingClauses: ['9'],
  },
};

import type { ConditionCode, FrameworkCode } from './conditions.js';
import type { ProhibitedUseCode } from './prohibited-uses.js';
import type { PurposeCode } from './purposes.js';

/** The identifier of this shape of terms; a change of shape gets a new one. */
export const TERMS_SCHEMA = 'parley-terms/1';

/** How a term is held: on each request, by reconciliation, or by the partner's declaration with a due date. */
export type HeldBy = 'enforced' | 'metered' | 'attested';

/** An RFC 3339 instant in UTC, such as `2026-01-01T00:00:00Z`. */
export type InstantText = string;

/** Every clause points into the prose, and says honestly how it is held. */
export interface Clause<How extends HeldBy = HeldBy> {
  /** The clause of the prose that says the same in words, such as `4.2`. */
  readonly clauseRef: string;
  readonly heldBy: How;
}

/** The machine-readable terms of an evaluation agreement (schema `parley-terms/1`). Absent means not permitted. */
export interface Terms {
  readonly schema: typeof TERMS_SCHEMA;
  readonly term: Term;
  readonly purposes: Purposes;
  readonly prohibitedUses: readonly Prohibition[];
  readonly scope: Scope;
  readonly quotas: readonly Quota[];
  readonly networks: Networks;
  readonly roster: RosterTerms;
  readonly keys: KeyTerms;
  readonly evaluationSets: EvaluationSets;
  readonly data: DataTerms;
  readonly reporting: readonly Obligation[];
  readonly publication: Publication;
  readonly notices: Notices;
  readonly cure: Cure;
  readonly suspension: SuspensionTerms;
  readonly termination: Termination;
}

/** When the agreement holds: from `effectiveFrom` up to, and not at, `expiresAt`. */
export interface Term extends Clause<'enforced'> {
  readonly effectiveFrom: InstantText;
  readonly expiresAt: InstantText;
  readonly renewal: 'none' | 'by_amendment';
}

export interface Purposes extends Clause<'enforced'> {
  /** A parent code permits its children, except `benchmark.capability`, which must be named. */
  readonly permitted: readonly PermittedPurpose[];
  readonly assessmentForm:
    'independent_evaluation' | 'methodology_review' | 'sme_probing' | 'joint_exercise' | 'red_teaming';
  /** The public commitments this agreement serves. */
  readonly frameworks: readonly FrameworkCode[];
}

export interface PermittedPurpose {
  readonly code: PurposeCode;
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly code: ConditionCode;
  /** Given exactly when the code asks for one: an instant, or a text. */
  readonly value?: string;
}

/** Something forbidden: a use, or a purpose cut out of a wider permission. Prohibition wins over permission. */
export interface Prohibition extends Clause {
  readonly code: ProhibitedUseCode | PurposeCode;
  /** Whether a breach can be put right within the cure period. */
  readonly curable: boolean;
  /** What happens at once when reconciliation or detection sees it. */
  readonly response: 'finding' | 'throttle' | 'suspend_key';
}

export interface Scope extends Clause<'enforced'> {
  readonly models: readonly ModelInScope[];
  readonly capabilities: readonly Capability[];
  /** Which safeguards surround the model: as sold, some outer ones relaxed, a helpful-only model, or none. */
  readonly safeguardProfile: 'production' | 'relaxed_external' | 'helpful_only' | 'none';
  /** Names of provider endpoints, such as `messages`. */
  readonly endpoints: readonly string[];
}

/** One exact model, for the half-open interval `[from, until)` inside the term. */
export interface ModelInScope {
  readonly modelId: string;
  /** The exact snapshot. Names that move, such as `latest`, are refused. */
  readonly snapshot: string;
  readonly stage: 'pre_deployment' | 'deployed' | 'deprecated';
  readonly from: InstantText;
  readonly until: InstantText;
}

export type Capability =
  | 'sampling'
  | 'logprobs'
  | 'reasoning_trace'
  | 'system_prompt'
  | 'tools'
  | 'computer_use'
  | 'batch'
  | 'fine_tuning'
  | 'embeddings';

export type QuotaMetric =
  'requests' | 'input_tokens' | 'output_tokens' | 'total_tokens' | 'spend' | 'concurrent_requests';

/** A limit on use. A hard one is enforced on each request; a soft one is metered and leaves a finding. */
export interface Quota extends Clause<'enforced' | 'metered'> {
  readonly id: string;
  readonly metric: QuotaMetric;
  /** At most 2^53−1, in the metric's unit; for `spend`, micro-units of `currency`. */
  readonly limit: number;
  /** ISO 4217 code, given exactly when the metric is `spend`. */
  readonly currency?: string;
  readonly window: QuotaWindow;
  /** Whose use is counted together: everyone's, each campaign's, each researcher's or each key's. */
  readonly scope: 'agreement' | 'campaign' | 'researcher' | 'key';
  /** Narrows what is counted; empty counts everything. */
  readonly filter: { readonly modelId?: string; readonly purpose?: PurposeCode };
  readonly enforcement: 'hard' | 'soft';
  /** Percentages of the limit (1–100) at which both parties are told. */
  readonly notifyAtPercent: readonly number[];
}

/** A calendar window in an IANA zone, one that slides by its unit, or the whole term. */
export type QuotaWindow =
  | { readonly kind: 'calendar'; readonly unit: 'hour' | 'day' | 'week' | 'month'; readonly timezone: string }
  | { readonly kind: 'rolling'; readonly unit: 'minute' | 'hour' | 'day' | 'week' }
  | { readonly kind: 'term' };

export interface Networks extends Clause<'enforced'> {
  /** CIDR blocks, IPv4 and IPv6. An empty list is no network at all; only the word `any` opens it. */
  readonly cidrs: readonly string[] | 'any';
}

export interface RosterTerms extends Clause<'enforced'> {
  readonly maxResearchers: number;
  /** Lower-case domains their e-mail addresses must belong to. */
  readonly emailDomains: readonly string[];
  /** Keeps evaluators apart from their lab's own model training and products. */
  readonly cleanTeam: Clause<'attested'> & { readonly required: boolean; readonly coolingOffDays: number };
}

export interface KeyTerms extends Clause<'enforced'> {
  readonly maxActiveTotal: number;
  readonly maxActivePerResearcher: number;
  readonly maxLifetimeDays: number;
  readonly rotationDays: number;
  readonly idleRevokeDays: number;
  /** Which requests for a key need no human approval; null when every one does. */
  readonly autoApprove: { readonly maxLifetimeDays: number; readonly purposes: readonly PurposeCode[] } | null;
}

export interface EvaluationSets extends Clause<'metered'> {
  /** Ids of registered evaluation sets that may be run. */
  readonly permitted: readonly string[];
  readonly capabilityBenchmarks: 'forbidden' | 'registered_only' | 'allowed';
}

export interface DataTerms extends Clause<'attested'> {
  /** How long the provider keeps prompts (0 is zero retention) and metadata. */
  readonly providerRetention: { readonly promptDays: number; readonly metadataDays: number };
  readonly contentLogging: 'none' | 'metadata_only' | 'sampled' | 'full';
  /** Neither party trains on what passes between them. */
  readonly trainingOnContent: { readonly provider: false; readonly evaluator: false };
  /** How long the evaluator keeps outputs, and whether it certifies their deletion, due so many days later. */
  readonly evaluatorRetention: {
    readonly days: number;
    readonly deletionCertificate: boolean;
    readonly deletionDueDays: number;
  };
  readonly personalData: 'prohibited' | 'dpa_required';
  /** What is done instead, in writing, where relaxed safeguards meet zero retention. */
  readonly compensatingControls: readonly { readonly clauseRef: string; readonly text: string }[];
}

/** Something the evaluator owes: due `dueDays` after the moment named by `cadence`. */
export interface Obligation extends Clause<'attested'> {
  readonly id: string;
  readonly kind: 'usage_attestation' | 'interim_report' | 'final_report' | 'raw_results' | 'vulnerability_disclosure';
  readonly cadence: 'monthly' | 'quarterly' | 'on_campaign_end' | 'on_discovery' | 'on_term_end';
  readonly dueDays: number;
}

export interface Publication extends Clause<'attested'> {
  /** Business days are Monday to Friday in `timezone`. */
  readonly reviewBusinessDays: number;
  readonly extensionBusinessDays: number;
  readonly timezone: string;
  /** The only grounds on which the provider may ask for a change. */
  readonly grounds: readonly (
    'factual_error' | 'confidential_information' | 'hazardous_detail' | 'third_party_rights'
  )[];
  readonly silence: 'cleared';
}

export interface Notices extends Clause<'enforced' | 'attested'> {
  /** At least one address for each party. */
  readonly addresses: readonly { readonly party: 'provider' | 'evaluator'; readonly email: string }[];
  readonly deemedReceivedHours: number;
}

export interface Cure extends Clause<'enforced' | 'attested'> {
  /** Days from notice; 30 is the usual figure. */
  readonly periodDays: number;
  readonly incurable: readonly ProhibitedUseCode[];
  /**
   * While a served breach notice is not cured, the provider may narrow this agreement by a protective amendment,
   * without the evaluator's signature. Absent means that it may not.
   */
  readonly protectiveAmendments?: boolean;
}

export interface SuspensionTerms extends Clause<'enforced' | 'attested'> {
  /** Uses that justify a stop without prior notice. */
  readonly withoutNoticeFor: readonly ProhibitedUseCode[];
  /** How long a stop may stay undecided. */
  readonly maxDaysWithoutDecision: number;
}

export interface Termination extends Clause<'enforced' | 'attested'> {
  readonly convenienceNoticeDays: number;
  readonly forCause: boolean;
  readonly survivingClauses: readonly string[];
}

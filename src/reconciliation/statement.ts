import { Terms } from '../terms/terms.js';

/** One usage event as a statement judges it. Its leaf in the Merkle tree is the hash of its JCS form. */
export interface StatementEvent {
  source: string;
  id: string;
  time: string;
  /** The public id of the key. */
  key: string;
  campaign: string;
  purpose: string;
  /** The agreement version in force at the event's own time; null outside the term. */
  version: number | null;
  model: string;
  served_model: string;
  endpoint: string;
  input_tokens: number;
  output_tokens: number;
  status: number;
  client_ip: string | null;
  /** How the event stands to the authorization it cites; only `settled` is in order. */
  authorization: 'settled' | 'none' | 'unknown' | 'reused' | 'mismatched';
}

/** What a statement was judged by, besides the events: enough to judge again, offline. */
export interface StatementFacts {
  versions: { number: number; digest: string; executedAt: string; terms: Terms }[];
  /** From when the agreement held no longer, terminated or superseded; absent from statements of before that could be. */
  endedAt?: string | null;
  keys: { key: string; campaign: string; purpose: string; revokedAt: string | null }[];
  windows: {
    quota: string;
    /** What is measured: a metric, and for spend the currency after it. */
    metric: string;
    subject: string;
    startsAt: string;
    endsAt: string;
    hard: boolean;
    limit: number;
    /** Whether the window ended within the period. Only such windows are judged, each once; others show use so far. */
    ended: boolean;
    /** All reported use counted in the window when the period was closed. */
    used: number;
    /** Reserved by admissions whose use was not reported by then. */
    reserved: number;
    /** Lent to gateway nodes, which had admitted nothing from it; absent from statements of before anything was lent. */
    lent?: number;
    /** Lent to nodes that were not heard of any more: what came of it was not known by then. */
    quarantined?: number;
  }[];
  conflicts: { source: string; id: string; digest: string }[];
  /** Decisions of the period, by code. */
  decisions: Record<string, number>;
  /** Admissions of the period whose use was never reported, by key. */
  unreported: { key: string; admissions: number }[];
}

/** Sums of usage. */
export interface Sums {
  requests: number;
  input_tokens: number;
  output_tokens: number;
}

/** Usage of one version, campaign, key, model, purpose and UTC hour. */
export interface StatementLine extends Sums {
  version: number | null;
  campaign: string;
  key: string;
  model: string;
  purpose: string;
  hour: string;
}

/** A discrepancy, with all that is needed to see it again. */
export interface StatementFinding {
  rule: string;
  ruleVersion: number;
  severity: 'low' | 'medium' | 'high';
  subject: { kind: string; id: string };
  clauseRef: string;
  expected: string;
  observed: string;
  delta: number;
  unit: string;
  occurrences: number;
  evidence: string[];
  termsDigest: string;
}

/** What the events and facts of a period come to. */
export interface Reckoning {
  totals: Sums;
  /** Events of earlier periods that arrived after those were closed. */
  corrections: Sums;
  lines: StatementLine[];
  findings: StatementFinding[];
  events: { count: number; root: string };
}

/** How many terms of the agreement are held in which way, and so what a clean statement proves. */
export interface Coverage {
  enforced: string[];
  metered: string[];
  attested: string[];
}

/** A closed period. It never changes; what arrives later is a correction in the next. */
export interface Statement extends Reckoning {
  schema: 'parley-statement/1';
  agreement: { id: string; title: string; provider: string; evaluator: string };
  /** Counts statements of this kind under this agreement from 1. */
  number: number;
  previousDigest: string | null;
  period: { kind: 'day' | 'month'; startsAt: string; endsAt: string; timezone: string };
  closedAt: string;
  coverage: Coverage;
  facts: StatementFacts;
}

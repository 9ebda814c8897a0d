import { modelInScope, networkAllowed } from '../terms/deciding/clauses.js';
import { StatementEvent, StatementFacts, StatementFinding } from './statement.js';

type Severity = StatementFinding['severity'];
type Version = StatementFacts['versions'][number];

/** What a rule about single events sees. */
export interface EventContext {
  event: StatementEvent;
  at: Date;
  /** The version of the event's own time; the newest one for an event outside every term. */
  version: Version;
  /** From when the agreement held no longer, terminated or superseded. */
  endedAt: string | null;
  revokedAt: Date | null;
}

/** A breach that one event shows. */
export interface Breach {
  clauseRef: string;
  expected: string;
  observed: string;
}

/** A rule about single events; its findings are gathered by key. */
export interface EventRule {
  id: string;
  version: number;
  severity: Severity;
  judge: (context: EventContext) => Breach | null;
}

/** A rule about the facts of the period; it makes its findings itself. */
export interface FactRule {
  id: string;
  version: number;
  severity: Severity;
  judge: (facts: StatementFacts, version: Version) => Omit<StatementFinding, 'rule' | 'ruleVersion' | 'severity'>[];
}

/**
 * The rules about events. Each is pure and small, and reads only what a statement carries, so that anyone can judge
 * again. A rule whose meaning changes gets a new version.
 */
export const eventRules: readonly EventRule[] = [
  {
    id: 'usage_outside_term',
    version: 1,
    severity: 'high',
    judge: ({ event, version, endedAt }) => {
      if (event.version !== null) return null;
      const { effectiveFrom, expiresAt, clauseRef } = version.terms.term;
      const until = endedAt !== null && new Date(endedAt) < new Date(expiresAt) ? endedAt : expiresAt;
      return { clauseRef, expected: `use from ${effectiveFrom} until ${until}`, observed: `use at ${event.time}` };
    },
  },
  {
    id: 'usage_by_revoked_key',
    version: 1,
    severity: 'high',
    judge: ({ at, version, revokedAt }) => {
      if (revokedAt === null || at < revokedAt) return null;
      const expected = `no use from ${revokedAt.toISOString()} on`;
      return { clauseRef: version.terms.keys.clauseRef, expected, observed: 'use after the revocation' };
    },
  },
  {
    id: 'usage_without_authorization',
    version: 1,
    severity: 'high',
    judge: ({ event, version }) => {
      if (event.authorization === 'settled') return null;
      const observed = `authorization ${event.authorization}`;
      return { clauseRef: version.terms.keys.clauseRef, expected: 'one authorization for each request', observed };
    },
  },
  {
    id: 'model_not_in_scope',
    version: 1,
    severity: 'high',
    judge: ({ event, at, version }) => {
      if (event.version === null || modelInScope(version.terms, event.served_model, at)) return null;
      const { clauseRef, models } = version.terms.scope;
      return { clauseRef, expected: models.map(({ snapshot }) => snapshot).join(', '), observed: event.served_model };
    },
  },
  {
    id: 'served_model_mismatch',
    version: 1,
    severity: 'medium',
    judge: ({ event, version }) => {
      if (event.served_model === event.model) return null;
      return { clauseRef: version.terms.scope.clauseRef, expected: event.model, observed: event.served_model };
    },
  },
  {
    id: 'network_not_allowed',
    version: 1,
    severity: 'high',
    judge: ({ event, version }) => {
      if (event.version === null || networkAllowed(version.terms, event.client_ip)) return null;
      const { clauseRef, cidrs } = version.terms.networks;
      const expected = cidrs === 'any' ? cidrs : cidrs.join(', ');
      return { clauseRef, expected, observed: event.client_ip ?? 'no address' };
    },
  },
];

/** The rules about the facts of a period. */
export const factRules: readonly FactRule[] = [
  {
    id: 'quota_exceeded',
    version: 1,
    severity: 'high',
    judge: ({ windows, versions }, { digest }) =>
      windows
        .filter(({ ended, used, limit }) => ended && used > limit)
        .map(({ quota, metric, subject, startsAt, limit, used }) => ({
          subject: { kind: 'quota_window', id: `${quota} ${subject} ${startsAt}` },
          clauseRef: clauseOfQuota(versions, quota),
          expected: `at most ${limit} ${metric}`,
          observed: `${used} ${metric}`,
          delta: used - limit,
          unit: metric,
          occurrences: 1,
          evidence: [],
          termsDigest: digest,
        })),
  },
  {
    id: 'conflicting_event',
    version: 1,
    severity: 'medium',
    judge: ({ conflicts }, { terms, digest }) =>
      [...Map.groupBy(conflicts, ({ source, id }) => `${source} ${id}`)].map(([identity, group]) => ({
        subject: { kind: 'event', id: identity },
        clauseRef: terms.keys.clauseRef,
        expected: 'one payload under one identity',
        observed: `${group.length + 1} different payloads`,
        delta: group.length,
        unit: 'payloads',
        occurrences: group.length,
        evidence: group.map((conflict) => conflict.digest).toSorted(),
        termsDigest: digest,
      })),
  },
  {
    id: 'authorized_not_reported',
    version: 1,
    severity: 'medium',
    judge: ({ unreported }, { terms, digest }) =>
      unreported.map(({ key, admissions }) => ({
        subject: { kind: 'key', id: key },
        clauseRef: terms.keys.clauseRef,
        expected: 'a usage event for each admission',
        observed: `${admissions} admissions without one`,
        delta: admissions,
        unit: 'admissions',
        occurrences: admissions,
        evidence: [],
        termsDigest: digest,
      })),
  },
];

/** The clause of a quota in the newest version that has it: an amendment may have dropped it since. */
function clauseOfQuota(versions: readonly Version[], quota: string): string {
  const having = versions.findLast(({ terms }) => terms.quotas.some(({ id }) => id === quota));
  return having?.terms.quotas.find(({ id }) => id === quota)?.clauseRef ?? '';
}

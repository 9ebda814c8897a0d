import { calendarPeriod } from '../kernel/periods.js';
import { quotasApplying } from '../terms/deciding/clauses.js';
import { Quota, QuotaMetric, Terms } from '../terms/terms.js';

/** Who uses what: enough to know which windows count it. */
export interface Use {
  organisationId: string;
  agreementId: string;
  campaignId: string;
  researcherId: string;
  keyId: string;
  model: string;
  purpose: string;
}

/** A window that counts a use, as the ledger identifies it. */
export interface WindowIdentity {
  organisationId: string;
  agreementId: string;
  quotaId: string;
  metric: QuotaMetric;
  subject: string;
  startsAt: Date;
  endsAt: Date;
  hard: boolean;
  limit: number;
}

/** The windows that count a use at an instant, one for each quota that applies. Rolling windows are not held yet. */
export function windowsOf(terms: Terms, use: Use, at: Date): WindowIdentity[] {
  return quotasApplying(terms, { modelSnapshot: use.model, purpose: use.purpose })
    .filter(({ window }) => window.kind !== 'rolling')
    .map((quota) => ({
      organisationId: use.organisationId,
      agreementId: use.agreementId,
      quotaId: quota.id,
      metric: quota.metric,
      subject: subjectOf(quota, use),
      ...boundsOf(quota, terms, at),
      hard: quota.enforcement === 'hard',
      limit: quota.limit,
    }));
}

/** What tells one window from another. */
export function windowKey({ agreementId, quotaId, subject, startsAt }: WindowKeyParts): string {
  return `${agreementId} ${quotaId} ${subject} ${startsAt.getTime()}`;
}

type WindowKeyParts = Pick<WindowIdentity, 'agreementId' | 'quotaId' | 'subject' | 'startsAt'>;

function subjectOf(quota: Quota, use: Use): string {
  const subjects = {
    agreement: use.agreementId,
    campaign: use.campaignId,
    researcher: use.researcherId,
    key: use.keyId,
  };
  return subjects[quota.scope];
}

function boundsOf({ window }: Quota, { term }: Terms, at: Date): { startsAt: Date; endsAt: Date } {
  if (window.kind === 'calendar') return calendarPeriod(window.unit, window.timezone, at);
  return { startsAt: new Date(term.effectiveFrom), endsAt: new Date(term.expiresAt) };
}

import { day } from '../../kernel/clock.js';
import { CalendarPeriod, calendarDate, calendarPeriod } from '../../kernel/periods.js';
import type { Obligation as ReportingTerm } from '../../terms/terms.js';
import { endOf, expiryOf } from '../status.js';
import { DatedVersion, versionAt } from '../versions.js';

/** What the terms can ask the evaluator for. */
export const obligationKinds = [
  'usage_attestation',
  'interim_report',
  'final_report',
  'raw_results',
  'vulnerability_disclosure',
  'deletion_certificate',
] as const satisfies readonly (ReportingTerm['kind'] | 'deletion_certificate')[];
export type ObligationKind = (typeof obligationKinds)[number];

/** The name under which the certificate of deletion goes, which the terms ask for outside `reporting`. */
export const deletionCertificateTerm = 'deletion-certificate';

/** One thing that is owed, as it follows from the terms. */
export interface PlannedObligation {
  /** The version by which it is owed: the one in force when it begins. */
  readonly versionNumber: number;
  readonly kind: ObligationKind;
  /** The id that the terms give it. */
  readonly termId: string;
  readonly clauseRef: string;
  /** The half-open stretch of time that it is about; null where it is about no such stretch. */
  readonly period: CalendarPeriod | null;
  /** From when it is owed: the beginning of its period, or the event that calls for it. */
  readonly beginsAt: Date;
  /** The end of the time for it, not included: so many days, of 24 hours each, after its period or event. */
  readonly dueAt: Date;
}

type PlannedPeriod = PlannedObligation & { readonly period: CalendarPeriod };

type Cadence = ReportingTerm['cadence'];

/**
 * What has come to be owed under an agreement by an instant because time went by: at the beginning of each month and
 * quarter, and at the agreement's end. Each obligation goes by the version in force when it begins and is never touched
 * by what comes later, so that it does not matter when, or how often, this is worked out: an early end of the agreement
 * lets no further period begin and leaves the one under way as it was announced.
 */
export function obligationsDue(versions: readonly DatedVersion[], endedAt: Date | null, at: Date): PlannedObligation[] {
  if (versions.length === 0) return [];
  const end = endOf(versions, endedAt);
  const held = versions.filter(({ effectiveFrom }) => effectiveFrom < end);
  if (held.length === 0) return [];
  const termIds = new Set(held.flatMap(({ terms }) => terms.reporting.map(({ id }) => id)));
  const until = at < end ? new Date(at.getTime() + 1) : end;
  const periodic = [...termIds].flatMap((termId) => periodsOf(held, termId, until));
  return end <= at ? [...periodic, ...atTheEnd(held.at(-1)!, end)] : periodic;
}

/** What a version asks for when something happens: a campaign is completed, a discovery is made, the agreement ends. */
export function obligationsUpon(
  cadence: Exclude<Cadence, 'monthly' | 'quarterly'>,
  { number: versionNumber, terms }: DatedVersion,
  at: Date,
): PlannedObligation[] {
  return terms.reporting
    .filter((term) => term.cadence === cadence)
    .map(({ kind, id: termId, clauseRef, dueDays }) => {
      return { versionNumber, kind, termId, clauseRef, period: null, beginsAt: at, dueAt: after(at, dueDays) };
    });
}

/** The periods of one term that begin before an instant. Where versions keep it, they tile the time without a gap. */
function periodsOf(held: readonly DatedVersion[], termId: string, until: Date): PlannedObligation[] {
  const planned: PlannedObligation[] = [];
  let beginsAt = held[0]!.effectiveFrom;
  while (beginsAt < until) {
    const period = periodFrom(versionAt(held, beginsAt)!, termId, beginsAt);
    if (period !== null) planned.push(period);
    // Where this version does not ask for it, a later one may.
    beginsAt = period?.period.endsAt ?? nextAfter(held, beginsAt) ?? until;
  }
  return planned;
}

/** From when the next version holds; undefined where there is none. */
function nextAfter(held: readonly DatedVersion[], at: Date): Date | undefined {
  return held.find(({ effectiveFrom }) => effectiveFrom > at)?.effectiveFrom;
}

/** The period of a term that begins at an instant; null where the version does not ask for it month by month. */
function periodFrom(version: DatedVersion, termId: string, startsAt: Date): PlannedPeriod | null {
  const { number: versionNumber, terms } = version;
  const term = terms.reporting.find(({ id }) => id === termId);
  if (term?.cadence !== 'monthly' && term?.cadence !== 'quarterly') return null;
  const { kind, cadence, clauseRef, dueDays } = term;
  const calendarEnd = calendarEndOf(cadence, terms.publication.timezone, startsAt);
  const expiresAt = expiryOf(terms);
  const endsAt = calendarEnd < expiresAt ? calendarEnd : expiresAt;
  const period = { startsAt, endsAt };
  return { versionNumber, kind, termId, clauseRef, period, beginsAt: startsAt, dueAt: after(endsAt, dueDays) };
}

/** The end of the calendar month or quarter around an instant. */
function calendarEndOf(cadence: 'monthly' | 'quarterly', zone: string, at: Date): Date {
  const { endsAt } = calendarPeriod('month', zone, at);
  return cadence === 'monthly' || beginsQuarter(zone, endsAt) ? endsAt : calendarEndOf(cadence, zone, endsAt);
}

function beginsQuarter(zone: string, month: Date): boolean {
  return ['01', '04', '07', '10'].includes(calendarDate(zone, month).slice(5, 7));
}

/** What the last version asks for when the agreement has ended, the certificate that its data are deleted too. */
function atTheEnd(version: DatedVersion, end: Date): PlannedObligation[] {
  const { clauseRef, evaluatorRetention } = version.terms.data;
  const reports = obligationsUpon('on_term_end', version, end);
  if (!evaluatorRetention.deletionCertificate) return reports;
  const certificate: PlannedObligation = {
    versionNumber: version.number,
    kind: 'deletion_certificate',
    termId: deletionCertificateTerm,
    clauseRef,
    period: null,
    beginsAt: end,
    dueAt: after(end, evaluatorRetention.days + evaluatorRetention.deletionDueDays),
  };
  return [...reports, certificate];
}

function after(at: Date, days: number): Date {
  return new Date(at.getTime() + days * day);
}

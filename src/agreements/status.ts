import { Terms } from '../terms/terms.js';
import { AgreementState } from './agreement.entity.js';
import { DatedVersion, versionAt } from './versions.js';

export const standingStatuses = [
  'not_executed',
  'pending',
  'in_force',
  'suspended',
  'expired',
  'terminated',
  'superseded',
] as const;
export type StandingStatus = (typeof standingStatuses)[number];

/** What the status of an agreement follows from. */
interface Facts {
  state: AgreementState;
  endedAt: Date | null;
  versions: readonly DatedVersion[];
  /** How many stops cover all of it. */
  wholeStops: number;
}

/** What follows from the facts for an agreement at an instant; never stored, so it can never be stale. */
export function statusOf({ state, endedAt, versions, wholeStops }: Facts, at: Date): StandingStatus {
  if (versions.length === 0) return 'not_executed';
  if (endedAt !== null && endedAt <= at) return state === 'superseded' ? 'superseded' : 'terminated';
  const version = versionAt(versions, at);
  if (version === null) return 'pending';
  if (at >= expiryOf(version.terms)) return 'expired';
  return wholeStops > 0 ? 'suspended' : 'in_force';
}

/** From when terms hold no longer of themselves. */
export function expiryOf({ term }: Terms): Date {
  return new Date(term.expiresAt);
}

/** The version under which an agreement would end of itself: a later one that begins after that end never holds. */
export function lastToHold<T extends DatedVersion>(versions: readonly T[]): T {
  let last = versions[0]!;
  for (const next of versions) if (next.effectiveFrom < expiryOf(last.terms)) last = next;
  return last;
}

/**
 * When an executed agreement ends, as far as is known: by its last version's term, or before it by termination or by a
 * successor. An amendment that would have ended the term before it took effect ends it when it does.
 */
export function endOf(versions: readonly DatedVersion[], endedAt: Date | null): Date {
  const last = lastToHold(versions);
  const expiresAt = expiryOf(last.terms);
  const end = expiresAt > last.effectiveFrom ? expiresAt : last.effectiveFrom;
  return endedAt !== null && endedAt < end ? endedAt : end;
}

/**
 * The version that holds at an instant or, where the agreement has ended by then, the one that held last: what outlives
 * an agreement goes by it. Null before the first begins, and where none ever held.
 */
export function lastHeld<T extends DatedVersion>(versions: readonly T[], endedAt: Date | null, at: Date): T | null {
  if (versions.length === 0) return null;
  const end = endOf(versions, endedAt);
  return versionAt(
    versions.filter(({ effectiveFrom }) => effectiveFrom < end),
    at,
  );
}

import { withinTerm } from '../terms/deciding/clauses.js';
import { Terms } from '../terms/terms.js';

/** What is needed of a version to tell whether it holds at an instant. */
export interface DatedVersion {
  readonly number: number;
  /** From when it holds; later versions begin later. */
  readonly effectiveFrom: Date;
  readonly terms: Terms;
}

/** The version that holds at an instant, expired or not: the newest that has begun; null before the first begins. */
export function versionAt<T extends Pick<DatedVersion, 'number' | 'effectiveFrom'>>(
  versions: readonly T[],
  at: Date,
): T | null {
  return versions.reduce<T | null>(
    (found, next) => (next.effectiveFrom <= at && (found === null || next.number > found.number) ? next : found),
    null,
  );
}

/**
 * The version under which something at an instant is permitted at all: begun, within its term, and of an agreement
 * that had not ended by then.
 */
export function versionInForce<T extends DatedVersion>(
  versions: readonly T[],
  endedAt: Date | null,
  at: Date,
): T | null {
  const version = versionAt(versions, at);
  if (version === null || !withinTerm(version.terms, at)) return null;
  return endedAt !== null && endedAt <= at ? null : version;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** A half-open stretch of time: `from` belongs to it, `until` does not; `null` means no end. */
export interface Interval {
  readonly from: Date;
  readonly until: Date | null;
}

/**
 * Reads an RFC 3339 instant in UTC, written with `T` and `Z` and at most three digits of a second; null when it is
 * anything else, or names a day or time that does not exist (30 February, 24:00, a leap second).
 */
export function parseInstant(text: string): Date | null {
  if (!INSTANT.test(text)) return null;
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) return null;
  // Date rolls some impossible dates over instead of refusing them; what was read must be what was written.
  return instant.toISOString().slice(0, 19) === text.slice(0, 19) ? instant : null;
}

/** Whether `at` lies in the half-open interval. */
export function within(interval: Interval, at: Date): boolean {
  return interval.from <= at && (interval.until === null || at < interval.until);
}

/** The earliest of these instants; null when there is none. A missing one stands for "no limit" and is passed over. */
export function earliest(instants: readonly (Date | null | undefined)[]): Date | null {
  return instants.reduce<Date | null>((first, next) => (next && (first === null || next < first) ? next : first), null);
}

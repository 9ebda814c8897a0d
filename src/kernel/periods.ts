import { Temporal } from 'temporal-polyfill';

const HOUR_MS = 3_600_000;
const ZONE_NAME = /^(?:UTC|[A-Z][A-Za-z_]*(?:\/[A-Za-z0-9_+-]+)+)$/;

/** The lengths a calendar window may have. Weeks are ISO 8601 weeks: they start on Monday. */
export type CalendarUnit = 'hour' | 'day' | 'week' | 'month';

/** A calendar period, half-open: `startsAt` belongs to it, `endsAt` is the start of the next. */
export interface CalendarPeriod {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** Whether the name is an IANA time zone, such as `Europe/London` or `UTC`. Bare offsets and abbreviations are not. */
export function isTimeZone(zone: string): boolean {
  if (!ZONE_NAME.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * The calendar period of that unit, in that IANA zone, which contains `at`. Periods tile time: none overlap and none
 * leave a gap, whatever the clocks do, so a day may last 23 or 25 hours.
 *
 * Throws RangeError for an unknown zone.
 */
export function calendarPeriod(unit: CalendarUnit, zone: string, at: Date): CalendarPeriod {
  if (unit === 'hour') return hourAround(zone, at);
  let first = firstDate(unit, localTime(zone, at.getTime()).toPlainDate());
  // Where clocks go back across midnight (St John's did at 00:01), the old date returns for an hour after the new one
  // has begun. The new day has started; it does not stop.
  while (at >= startOf(zone, nextDate(unit, first))) first = nextDate(unit, first);
  return { startsAt: startOf(zone, first), endsAt: startOf(zone, nextDate(unit, first)) };
}

/** The date (`YYYY-MM-DD`) of the calendar day, in that IANA zone, which contains `at`. */
export function calendarDate(zone: string, at: Date): string {
  const { startsAt } = calendarPeriod('day', zone, at);
  return localTime(zone, startsAt.getTime()).toPlainDate().toString();
}

/**
 * The period of that unit whose first day is `date` (`YYYY-MM-DD`) in that IANA zone. Throws RangeError when no such
 * period starts there: a week not on a Monday, a month not on the first, a day the zone skipped (Apia, 30 December 2011).
 */
export function periodStarting(unit: Exclude<CalendarUnit, 'hour'>, zone: string, date: string): CalendarPeriod {
  const first = Temporal.PlainDate.from(date);
  const startsAt = startOf(zone, first);
  const endsAt = startOf(zone, nextDate(unit, first));
  if (!first.equals(firstDate(unit, first)) || startsAt.getTime() === endsAt.getTime() || first.toString() !== date) {
    throw new RangeError(`No ${unit} starts on ${date} in ${zone}`);
  }
  return { startsAt, endsAt };
}

function localTime(zone: string, epochMs: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone);
}

function startOf(zone: string, date: Temporal.PlainDate): Date {
  return new Date(date.toZonedDateTime(zone).epochMilliseconds);
}

function firstDate(unit: CalendarUnit, date: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === 'week') return date.subtract({ days: date.dayOfWeek - 1 });
  return unit === 'month' ? date.with({ day: 1 }) : date;
}

function nextDate(unit: CalendarUnit, date: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === 'week') return date.add({ weeks: 1 });
  return unit === 'month' ? date.add({ months: 1 }) : date.add({ days: 1 });
}

/**
 * An hour of the local clock, cut where the clock is changed. Almost everywhere clocks change on the hour and nothing
 * is cut; Lord Howe Island changes by half an hour, which leaves one short hour instead of one counted twice.
 */
function hourAround(zone: string, at: Date): CalendarPeriod {
  const local = localTime(zone, at.getTime());
  const localMs = at.getTime() + local.offsetNanoseconds / 1_000_000;
  const intoHourMs = ((localMs % HOUR_MS) + HOUR_MS) % HOUR_MS;
  const startsMs = at.getTime() - intoHourMs;
  const endsMs = startsMs + HOUR_MS;
  const change = local.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
  return { startsAt: new Date(hourStart(zone, at, startsMs)), endsAt: new Date(Math.min(endsMs, change)) };
}

function hourStart(zone: string, at: Date, startsMs: number): number {
  // `previous` looks strictly before, so it is asked one millisecond later: a change at `at` itself starts the hour.
  const change = localTime(zone, at.getTime() + 1).getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity;
  return Math.max(startsMs, change);
}

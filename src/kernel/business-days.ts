import { calendarDate, calendarPeriod, type CalendarPeriod } from './periods.js';

const DAY_MS = 86_400_000;

/** Fewer than a zone lets pass between skipping a date and repeating one, so that the two never hide each other. */
const STRIDE_WEEKS_MAX = 50;

/**
 * The end of a time of so many business days: the instant at which the calendar day after the last of them starts, in
 * that IANA zone. Business days are Monday to Friday; holidays differ from party to party and are not known here. They
 * are counted from the day after the one that contains `from`; none at all is the end of that day, whatever day it is.
 * The end is half-open: what happens at that instant is late.
 *
 * `days` is a whole number, 0 or more; throws RangeError for another number, and for an unknown zone.
 */
export function afterBusinessDays(from: Date, days: number, zone: string): Date {
  if (!Number.isSafeInteger(days) || days < 0) throw new RangeError(`${days} is no number of days`);
  let day = calendarPeriod('day', zone, from);
  let left = days;
  while (left > 0) {
    // The last of them is never strode over: it may have to be a Friday where whole weeks lead to a Sunday.
    const weeks = Math.min(STRIDE_WEEKS_MAX, Math.floor((left - 1) / 5));
    const ahead = weeks === 0 ? null : weeksAhead(zone, day, weeks);
    // The next day is asked for, not reckoned: a zone may have skipped a date (Apia, Friday 30 December 2011).
    day = ahead ?? calendarPeriod('day', zone, day.endsAt);
    if (ahead !== null) left -= 5 * weeks;
    else if (isBusinessDay(zone, day)) left -= 1;
  }
  return day.endsAt;
}

/** The same day of the week, so many weeks later; null when the zone skipped or repeated a date on the way. */
function weeksAhead(zone: string, day: CalendarPeriod, weeks: number): CalendarPeriod | null {
  const midday = (day.startsAt.getTime() + day.endsAt.getTime()) / 2;
  const ahead = calendarPeriod('day', zone, new Date(midday + weeks * 7 * DAY_MS));
  const passed = dateMs(zone, ahead) - dateMs(zone, day);
  return passed === weeks * 7 * DAY_MS ? ahead : null;
}

function isBusinessDay(zone: string, day: CalendarPeriod): boolean {
  const weekday = new Date(dateMs(zone, day)).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** The date of a day, as the epoch millisecond at which it began in UTC. */
function dateMs(zone: string, { startsAt }: CalendarPeriod): number {
  return Date.parse(calendarDate(zone, startsAt));
}

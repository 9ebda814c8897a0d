import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterBusinessDays } from '../../src/kernel/business-days.js';

const QUARTER_MS = 900_000;
const ZONES = [
  'UTC',
  'America/St_Johns',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Australia/Lord_Howe',
  'Europe/London',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'America/Los_Angeles',
];
const zones = fc.constantFrom(...ZONES);
const anyTime = fc.date({
  min: new Date('1986-01-01T00:00:00Z'),
  max: new Date('2037-01-01T00:00:00Z'),
  noInvalidDate: true,
});
/** Often just before a change of clocks, a skipped date or the end of a week. */
const instants = fc.oneof(
  anyTime,
  fc
    .tuple(
      fc.constantFrom(
        '2011-12-30T10:00:00Z',
        '1995-01-01T10:00:00Z',
        '2010-11-07T02:31:00Z',
        '2018-11-04T03:00:00Z',
        '2025-03-30T01:00:00Z',
        '2025-04-05T15:00:00Z',
        '2026-01-03T00:00:00Z',
      ),
      fc.integer({ min: -20_000, max: 2_000 }),
    )
    .map(([change, minutes]) => new Date(Date.parse(change) + minutes * 60_000)),
);

/** The local date and weekday, by another library than the one under test. */
const formats = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'short' }),
  ]),
);
function local(zone: string, ms: number): { date: string; working: boolean } {
  const parts = Object.fromEntries(
    formats
      .get(zone)!
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  return {
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    working: !['Sat', 'Sun'].includes(parts['weekday'] ?? ''),
  };
}

/** Watches the local calendar go by, a quarter of an hour at a time. A date that comes back is not a new day. */
function watched(from: Date, days: number, zone: string): Date {
  let at = Math.floor(from.getTime() / QUARTER_MS) * QUARTER_MS;
  let date = '';
  // The day of `from` may have begun before the clocks fell back to the date before.
  for (let earlier = at - 8 * QUARTER_MS; earlier <= at; earlier += QUARTER_MS) {
    if (local(zone, earlier).date > date) ({ date } = local(zone, earlier));
  }
  for (let left = days; ;) {
    at += QUARTER_MS;
    const now = local(zone, at);
    if (now.date <= date) continue;
    if (left === 0) return new Date(at);
    date = now.date;
    if (now.working) left -= 1;
  }
}

const iso = (from: string, days: number, zone: string): string =>
  afterBusinessDays(new Date(from), days, zone).toISOString();

describe('business days', () => {
  it('end where somebody who watches the calendar would say', () => {
    fc.assert(
      fc.property(instants, fc.nat(12), zones, (from, days, zone) => {
        expect(afterBusinessDays(from, days, zone)).toEqual(watched(from, days, zone));
      }),
      { numRuns: 300 },
    );
  });

  it('never end with a Saturday or a Sunday, nor in the middle of a day', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 1_500 }), zones, (from, days, zone) => {
        const end = afterBusinessDays(from, days, zone);
        const [last, next] = [local(zone, end.getTime() - 1), local(zone, end.getTime())];
        expect(last.working).toBe(true);
        expect(next.date > last.date).toBe(true);
      }),
    );
  });

  it('end later the more there are, and not earlier the later they begin', () => {
    fc.assert(
      fc.property(instants, instants, fc.nat(600), zones, (one, other, days, zone) => {
        const [from, later] = one <= other ? [one, other] : [other, one];
        const end = afterBusinessDays(from, days, zone);
        expect(end > from).toBe(true);
        expect(afterBusinessDays(from, days + 1, zone) > end).toBe(true);
        expect(afterBusinessDays(later, days, zone) >= end).toBe(true);
      }),
    );
  });

  it('add up: so many after so many are as many as both together', () => {
    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 30 }),
        zones,
        (from, some, more, zone) => {
          const first = new Date(afterBusinessDays(from, some, zone).getTime() - 1);
          expect(afterBusinessDays(first, more, zone)).toEqual(afterBusinessDays(from, some + more, zone));
        },
      ),
    );
  });

  it.each<[string, string, number, string, string]>([
    ['none are the end of the day', '2026-01-02T09:00:00Z', 0, 'UTC', '2026-01-03T00:00:00.000Z'],
    ['none are the end of the day on a Saturday too', '2026-01-03T09:00:00Z', 0, 'UTC', '2026-01-04T00:00:00.000Z'],
    ['one after a Friday ends with Monday', '2026-01-02T09:00:00Z', 1, 'UTC', '2026-01-06T00:00:00.000Z'],
    ['one after a Sunday ends with Monday', '2026-01-04T23:59:59.999Z', 1, 'UTC', '2026-01-06T00:00:00.000Z'],
    ['five after a Sunday end with Friday', '2026-01-04T12:00:00Z', 5, 'UTC', '2026-01-10T00:00:00.000Z'],
    ['six after a Sunday end with the next Monday', '2026-01-04T12:00:00Z', 6, 'UTC', '2026-01-13T00:00:00.000Z'],
    ['midnight belongs to the day that it starts', '2026-01-05T00:00:00Z', 1, 'UTC', '2026-01-07T00:00:00.000Z'],
    ['the day is the zone’s', '2026-01-06T03:00:00Z', 1, 'America/Los_Angeles', '2026-01-07T08:00:00.000Z'],
    ['clocks may change on the way', '2026-03-06T20:00:00Z', 1, 'America/Los_Angeles', '2026-03-10T07:00:00.000Z'],
    // Thursday 29 December 2011, then Saturday 31: there was no Friday to count.
    ['a skipped Friday is none', '2011-12-28T20:00:00Z', 2, 'Pacific/Apia', '2012-01-02T10:00:00.000Z'],
    ['a skipped Friday is none in a year', '2011-06-30T20:00:00Z', 261, 'Pacific/Apia', '2012-07-02T11:00:00.000Z'],
  ])('%s', (_, from, days, zone, end) => {
    expect(iso(from, days, zone)).toBe(end);
  });

  it('may be as many as terms can ask for, without a long wait', () => {
    // 7,300 weeks of five days after a Monday.
    const startedAt = performance.now();
    expect(iso('2026-01-05T12:00:00Z', 36_500, 'America/Los_Angeles')).toBe('2165-12-03T08:00:00.000Z');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('are a whole number, in a zone that there is', () => {
    for (const days of [-1, 0.5, NaN, Infinity])
      expect(() => iso('2026-01-05T12:00:00Z', days, 'UTC')).toThrow(RangeError);
    expect(() => iso('2026-01-05T12:00:00Z', 1, 'Mars/Olympus')).toThrow(RangeError);
  });
});

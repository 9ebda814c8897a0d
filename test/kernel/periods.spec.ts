import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  calendarDate,
  calendarPeriod,
  isTimeZone,
  periodStarting,
  type CalendarUnit,
} from '../../src/kernel/periods.js';

const ZONES = [
  'UTC',
  'America/St_Johns',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'Europe/London',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Africa/Casablanca',
];
const UNITS: CalendarUnit[] = ['hour', 'day', 'week', 'month'];
const zones = fc.constantFrom(...ZONES);
const units = fc.constantFrom(...UNITS);
const instants = fc.date({
  min: new Date('1980-01-01T00:00:00Z'),
  max: new Date('2037-01-01T00:00:00Z'),
  noInvalidDate: true,
});

const iso = (unit: CalendarUnit, zone: string, at: string): string[] => {
  const { startsAt, endsAt } = calendarPeriod(unit, zone, new Date(at));
  return [startsAt.toISOString(), endsAt.toISOString()];
};
const hours = (unit: CalendarUnit, zone: string, at: string): number => {
  const { startsAt, endsAt } = calendarPeriod(unit, zone, new Date(at));
  return (endsAt.getTime() - startsAt.getTime()) / 3_600_000;
};

describe('calendar periods', () => {
  it('contain their instant and tile time: the end of one is the start of the next', () => {
    fc.assert(
      fc.property(units, zones, instants, (unit, zone, at) => {
        const period = calendarPeriod(unit, zone, at);
        expect(period.startsAt <= at && at < period.endsAt).toBe(true);
        expect(calendarPeriod(unit, zone, period.startsAt)).toEqual(period);
        expect(calendarPeriod(unit, zone, new Date(period.endsAt.getTime() - 1))).toEqual(period);
        expect(calendarPeriod(unit, zone, period.endsAt).startsAt).toEqual(period.endsAt);
      }),
      { numRuns: 400 },
    );
  });

  it('tile time minute by minute around the awkward clock changes', () => {
    const changes: [string, string][] = [
      ['America/St_Johns', '2010-11-07T02:31:00Z'],
      ['Australia/Lord_Howe', '2025-04-05T15:00:00Z'],
      ['Pacific/Apia', '2011-12-30T10:00:00Z'],
      ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
    ];
    for (const [zone, change] of changes) {
      for (let minute = -90; minute <= 90; minute += 1) {
        const at = new Date(Date.parse(change) + minute * 60_000);
        for (const unit of UNITS) {
          const period = calendarPeriod(unit, zone, at);
          expect(period.startsAt <= at && at < period.endsAt, `${unit} ${zone} ${at.toISOString()}`).toBe(true);
          expect(calendarPeriod(unit, zone, period.startsAt)).toEqual(period);
        }
      }
    }
  });

  it('make days of 23 and 25 hours where clocks change', () => {
    expect(hours('day', 'Europe/London', '2025-03-30T12:00:00Z')).toBe(23);
    expect(hours('day', 'Europe/London', '2025-10-26T12:00:00Z')).toBe(25);
    expect(hours('day', 'Australia/Lord_Howe', '2025-04-05T20:00:00Z')).toBe(24.5);
    expect(hours('day', 'America/St_Johns', '2010-11-07T12:00:00Z')).toBe(25);
  });

  it('pass over the day that Apia skipped', () => {
    expect(iso('day', 'Pacific/Apia', '2011-12-30T09:59:59Z')).toEqual([
      '2011-12-29T10:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
    ]);
    expect(calendarDate('Pacific/Apia', new Date('2011-12-30T09:59:59Z'))).toBe('2011-12-29');
    expect(calendarDate('Pacific/Apia', new Date('2011-12-30T10:00:00Z'))).toBe('2011-12-31');
    expect(() => periodStarting('day', 'Pacific/Apia', '2011-12-30')).toThrow(RangeError);
  });

  it('let a day that has begun go on when clocks fall back across midnight', () => {
    expect(calendarDate('America/St_Johns', new Date('2010-11-07T02:30:30Z'))).toBe('2010-11-07');
    expect(calendarDate('America/St_Johns', new Date('2010-11-07T02:45:00Z'))).toBe('2010-11-07');
  });

  it('count ISO weeks from Monday and months from the first, by the local clock', () => {
    expect(iso('week', 'UTC', '2026-01-01T00:00:00Z')).toEqual([
      '2025-12-29T00:00:00.000Z',
      '2026-01-05T00:00:00.000Z',
    ]);
    expect(iso('month', 'America/St_Johns', '2026-03-01T03:00:00Z')[0]).toBe('2026-02-01T03:30:00.000Z');
    expect(iso('hour', 'Asia/Kathmandu', '2026-03-01T03:20:00Z')[0]).toBe('2026-03-01T03:15:00.000Z');
  });

  it('are found again from their first date', () => {
    fc.assert(
      fc.property(fc.constantFrom('day', 'week', 'month'), zones, instants, (unit, zone, at) => {
        const period = calendarPeriod(unit, zone, at);
        expect(periodStarting(unit, zone, calendarDate(zone, period.startsAt))).toEqual(period);
      }),
    );
  });

  it('do not start on a date that begins no such period, or is no date', () => {
    expect(() => periodStarting('week', 'UTC', '2026-01-01')).toThrow(RangeError);
    expect(() => periodStarting('month', 'UTC', '2026-01-02')).toThrow(RangeError);
    expect(() => periodStarting('day', 'UTC', '2026-02-30')).toThrow(RangeError);
    expect(() => periodStarting('day', 'UTC', '2026-01-02T10:00')).toThrow(RangeError);
  });

  it('know IANA zones from offsets, abbreviations and inventions', () => {
    expect(ZONES.every(isTimeZone)).toBe(true);
    for (const zone of ['+01:00', 'Z', 'EST', 'Mars/Olympus', '', 'europe/london', 'constructor'])
      expect(isTimeZone(zone)).toBe(false);
    expect(() => calendarPeriod('day', 'Mars/Olympus', new Date())).toThrow(RangeError);
  });
});

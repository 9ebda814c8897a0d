import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earliest, parseInstant, within } from '../../src/kernel/instants.js';

describe('instants', () => {
  it('are read back exactly as written by toISOString', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (at) => {
          expect(parseInstant(at.toISOString())).toEqual(at);
        },
      ),
    );
  });

  it('may carry one to three digits of a second', () => {
    expect(parseInstant('2026-01-01T00:00:00.5Z')?.getTime()).toBe(Date.UTC(2026, 0, 1, 0, 0, 0, 500));
    expect(parseInstant('2026-01-01T00:00:00Z')?.getTime()).toBe(Date.UTC(2026, 0, 1));
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T00:00:00+00:00',
    '2026-01-01t00:00:00z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00.1234Z',
    '+002026-01-01T00:00:00Z',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
    '',
  ])('are refused when written as %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('belong to an interval from its start up to, and not at, its end', () => {
    const [from, until] = [new Date(1000), new Date(2000)];
    expect([999, 1000, 1999, 2000].map((ms) => within({ from, until }, new Date(ms)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(within({ from, until: null }, new Date(8.64e15))).toBe(true);
  });

  it('have an earliest one, whatever their order, passing over those that are absent', () => {
    expect(earliest([null, new Date(3), undefined, new Date(1), new Date(2)])).toEqual(new Date(1));
    expect(earliest([null, undefined])).toBeNull();
  });
});

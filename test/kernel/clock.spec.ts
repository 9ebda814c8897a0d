import { expect, it } from 'vitest';
import { minute, SettableClock, SystemClock } from '../../src/kernel/clock.js';

const start = new Date('2026-03-02T09:00:00Z');

it('a settable clock stands still until it is moved', () => {
  const clock = new SettableClock(start);
  expect(clock.now()).toEqual(start);
  clock.advance(minute);
  expect(clock.now()).toEqual(new Date('2026-03-02T09:01:00Z'));
  clock.moveTo(new Date('2026-03-03T00:00:00Z'));
  expect(clock.now()).toEqual(new Date('2026-03-03T00:00:00Z'));
});

it('a settable clock never goes back', () => {
  const clock = new SettableClock(start);
  expect(() => clock.advance(-1)).toThrow(RangeError);
  expect(() => clock.moveTo(new Date(start.getTime() - 1))).toThrow(RangeError);
  expect(clock.now()).toEqual(start);
});

it('nobody who was told the time can change it', () => {
  const given = new Date(start);
  const clock = new SettableClock(given);
  given.setFullYear(1999);
  clock.now().setFullYear(1999);
  expect(clock.now().toISOString()).toBe('2026-03-02T09:00:00.000Z');
});

it('the system clock tells the time of the machine', () => {
  const before = Date.now();
  const now = new SystemClock().now().getTime();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

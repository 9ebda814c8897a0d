import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { derivedId, isId, newId } from '../../src/kernel/ids.js';

const instants = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });

it('an id is a UUID of version 7 and the RFC 9562 variant, and tells its instant', () => {
  fc.assert(
    fc.property(instants, (at) => {
      const id = newId(at);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(at.getTime());
      expect(isId(id)).toBe(true);
    }),
  );
});

it('ids sort as text by the time they were made', () => {
  fc.assert(
    fc.property(instants, instants, (one, other) => {
      fc.pre(one.getTime() !== other.getTime());
      expect(newId(one) < newId(other)).toBe(one < other);
    }),
  );
});

it('a hundred thousand ids of one instant differ', () => {
  const at = new Date('2026-03-02T09:00:00Z');
  expect(new Set(Array.from({ length: 100_000 }, () => newId(at))).size).toBe(100_000);
});

it.each([
  '',
  '0192f3a4-5b6c-7d8e-9f01-23456789abcdX',
  '0192F3A4-5B6C-7D8E-9F01-23456789ABCD',
  '{0192f3a4-5b6c-7d8e-9f01-23456789abcd}',
  '0192f3a45b6c7d8e9f0123456789abcd',
  "0192f3a4-5b6c-7d8e-9f01-23456789abcd' OR '1'='1",
  '0192f3a4-5b6c-7d8e-9f01-23456789abcd\n',
])('%j is no id', (text) => expect(isId(text)).toBe(false));

it('a derived id is the same for the same instant and name, and sorts by the instant', () => {
  fc.assert(
    fc.property(instants, instants, fc.string(), fc.string(), (one, other, name, otherName) => {
      const id = derivedId(one, name);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(derivedId(new Date(one), name)).toBe(id);
      if (name !== otherName) expect(derivedId(one, otherName)).not.toBe(id);
      if (one.getTime() !== other.getTime()) expect(id < derivedId(other, otherName)).toBe(one < other);
    }),
  );
});

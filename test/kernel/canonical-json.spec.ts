import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalJson, CanonicalJsonError } from '../../src/kernel/canonical-json.js';
import { vectors } from './vectors.js';

const jcs = vectors('rfc8785-jcs');

describe('canonical JSON', () => {
  it.skipIf(jcs.absent)(`gives the bytes of every published RFC 8785 vector${jcs.note}`, () => {
    const names = readdirSync(new URL('testdata/input/', jcs.url));
    expect(names).toHaveLength(6);
    for (const name of names) {
      const input: unknown = JSON.parse(readFileSync(new URL(`testdata/input/${name}`, jcs.url), 'utf8'));
      const output = readFileSync(new URL(`testdata/output/${name}`, jcs.url), 'utf8');
      expect(canonicalJson(input), name).toBe(output.trimEnd());
      const hex = readFileSync(new URL(`testdata/outhex/${name.replace('.json', '.txt')}`, jcs.url), 'utf8');
      expect(Buffer.from(canonicalJson(input)).toString('hex'), name).toBe(hex.replaceAll(/\s/g, ''));
    }
  });

  it('writes the same bytes in whatever order members were added, and JSON reads them back unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const bytes = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(bytes);
        expect(canonicalJson(JSON.parse(bytes))).toBe(bytes);
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ['undefined', { a: undefined }, '/a'],
    ['undefined at the top', undefined, ''],
    ['a function', { a: { b: () => 1 } }, '/a/b'],
    ['a symbol', [Symbol('s')], '/0'],
    ['a symbol as a name', { [Symbol('s')]: 1 }, ''],
    ['a bigint', { 'a/b': 1n }, '/a~1b'],
    ['NaN', [1, NaN], '/1'],
    ['Infinity', [-Infinity], '/0'],
    ['a hole', [1, , 3], '/1'], // oxlint-disable-line no-sparse-arrays
    ['an array with a stray member', Object.assign([1], { note: 1 }), ''],
    ['a hole balanced by a stray member', Object.assign([1, , 3], { note: 1 }), '/1'], // oxlint-disable-line no-sparse-arrays
    ['a lone surrogate', { a: '\ud800' }, '/a'],
    ['a lone surrogate in a name', { '\udc00': 1 }, ''],
    ['a date', { at: new Date(0) }, '/at'],
    ['a map', new Map(), ''],
    ['a boxed string', { a: Object('x') as unknown }, '/a'],
    ['a class instance', { a: new (class Thing {})() }, '/a'],
    ['an accessor', Object.defineProperty({}, 'a', { enumerable: true, get: () => 1 }), '/a'],
    ['a hidden member', Object.defineProperty({}, 'a', { value: 1 }), '/a'],
    ['a toJSON method', { toJSON: () => 'other' }, '/toJSON'],
  ])('refuses %s and says where', (_, value, pointer) => {
    expect(() => canonicalJson(value)).toThrow(CanonicalJsonError);
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ pointer }));
  });

  it('refuses a value that contains itself, and allows one that is merely met twice', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = { loop };
    expect(() => canonicalJson(loop)).toThrow(/contains itself/);
    const twice = { a: 1 };
    expect(canonicalJson([twice, twice])).toBe('[{"a":1},{"a":1}]');
  });

  it('refuses nesting that could exhaust the stack', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(() => canonicalJson(deep)).toThrow(CanonicalJsonError);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

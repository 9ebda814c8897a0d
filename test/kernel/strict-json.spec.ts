import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseStrictJson, StrictJsonError } from '../../src/kernel/strict-json.js';
import { vectors } from './vectors.js';

const suite = vectors('JSONTestSuite');

/** Valid JSON that we refuse all the same, because two readers could understand it differently. */
const STRICTER: Readonly<Record<string, string>> = {
  'y_object_duplicated_key.json': 'duplicate_key',
  'y_object_duplicated_key_and_value.json': 'duplicate_key',
  'y_number.json': 'unsafe_number',
  'y_number_real_capital_e.json': 'unsafe_number',
  'y_number_real_exponent.json': 'unsafe_number',
  'y_number_real_fraction_exponent.json': 'unsafe_number',
  'y_object_extreme_numbers.json': 'unsafe_number',
};

describe('strict JSON', () => {
  it.skipIf(suite.absent)(`agrees with JSONTestSuite on every file that has a verdict${suite.note}`, () => {
    // Joined as a path: one of the file names ends in a character that a URL would cut off.
    const folder = fileURLToPath(new URL('test_parsing/', suite.url));
    const names = readdirSync(folder);
    expect(names).toHaveLength(318);
    for (const name of names) {
      const bytes = readFileSync(join(folder, name));
      const stricter = STRICTER[name];
      if (stricter !== undefined) expect(verdict(bytes), name).toBe(stricter);
      else if (name.startsWith('y_')) expect(verdict(bytes), name).toBe('accepted');
      else if (name.startsWith('n_')) expect(verdict(bytes), name).not.toBe('accepted');
      else verdict(bytes);
    }
  });

  it('reads whatever it accepts exactly as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const accepted = attempt(text);
        if (accepted.error === undefined) expect(accepted.value).toEqual(JSON.parse(text));
        else expect(accepted.error.refusal).toMatch(/unsafe_number|forbidden_key/);
      }),
    );
  });

  it('accepts nothing that JSON.parse refuses, and refuses only by its own error', () => {
    const scraps = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', '-', '.', 'e', '\\', 'u00e9', 'true', ' ');
    fc.assert(
      fc.property(fc.array(scraps, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const { error, value } = attempt(text);
        if (error === undefined) expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, string, string, { pointer: string; position: number }]>([
    ['a key given twice', '{"a":{"b":1,"b":2}}', 'duplicate_key', { pointer: '/a', position: 12 }],
    [
      'a key given twice under an escape',
      String.raw`{"a":1,"\u0061":2}`,
      'duplicate_key',
      { pointer: '', position: 7 },
    ],
    ['__proto__', '{"x":[{"__proto__":1}]}', 'forbidden_key', { pointer: '/x/0', position: 7 }],
    ['__proto__ under an escape', String.raw`{"__pr\u006fto__":1}`, 'forbidden_key', { pointer: '', position: 1 }],
    ['2^53', '[0,9007199254740992]', 'unsafe_number', { pointer: '/1', position: 3 }],
    ['−2^53', '{"n":-9007199254740992}', 'unsafe_number', { pointer: '/n', position: 5 }],
    ['2^53 written with an exponent', '9007199254740992e0', 'unsafe_number', { pointer: '', position: 0 }],
    ['an overflowing number', '[1e400]', 'unsafe_number', { pointer: '/0', position: 1 }],
    ['a lone surrogate under an escape', String.raw`{"a":"\ud800x"}`, 'lone_surrogate', { pointer: '/a', position: 5 }],
    ['a bare lone surrogate', '["\udc00"]', 'lone_surrogate', { pointer: '', position: 2 }],
    ['a byte order mark', '\ufeff{}', 'syntax', { pointer: '', position: 0 }],
    ['an empty text', '', 'syntax', { pointer: '', position: 0 }],
    ['a prototype name as an escape', String.raw`"\constructor"`, 'syntax', { pointer: '', position: 1 }],
  ])('refuses %s, with pointer and position', (_, text, refusal, place) => {
    expect(attempt(text).error).toMatchObject({ refusal, ...place });
  });

  it('accepts the largest safe integers', () => {
    expect(parseStrictJson('[9007199254740991,-9007199254740991]')).toEqual([2 ** 53 - 1, -(2 ** 53) + 1]);
  });

  it('refuses names that every object inherits, which a validator may pass over in silence', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'valueOf']) {
      expect(attempt(`{"${name}":1}`).error?.refusal).toBe('forbidden_key');
    }
  });

  it('accepts 64 levels of nesting and refuses 65', () => {
    expect(attempt('['.repeat(64) + ']'.repeat(64)).error).toBeUndefined();
    expect(attempt('['.repeat(65) + ']'.repeat(65)).error?.refusal).toBe('too_deep');
    expect(attempt('{"a":'.repeat(100_000)).error?.refusal).toBe('too_deep');
  });
});

function attempt(text: string): { value?: unknown; error?: StrictJsonError } {
  try {
    return { value: parseStrictJson(text) };
  } catch (error) {
    if (error instanceof StrictJsonError) return { error };
    throw error;
  }
}

function verdict(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return 'not UTF-8';
  }
  return attempt(text).error?.refusal ?? 'accepted';
}

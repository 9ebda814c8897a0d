import { existsSync, readFileSync } from 'node:fs';
import { vectors } from '../../kernel/vectors.js';
import { Raw } from './body.js';
import { Kind, Schema } from './document.js';

const { url, absent, note } = vectors('blns');

/** Whether the big list of naughty strings is here, and what to say where it is not. */
export const naughtyNote = absent ? note : '';

/** The strings that every field of text is sent: what breaks encodings, databases, pages, logs and eyes. */
export const worst: readonly string[] = [
  '\u0000',
  'a\u0000b',
  '\u0001',
  '\u007f',
  '\u001b[31mred',
  'line\r\nline',
  '\t',
  ' ',
  '\u202eelif\u202c',
  '\u2066isolated\u2069',
  '\u200b',
  '\ufeff',
  '\u2028',
  '\u0085',
  '\u00e9 in one',
  'e\u0301 in two',
  '\u1112\u1161\u11ab \ud55c',
  '\ufb2c',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\ufdfa',
  '\uffff',
  '\u{10ffff}',
  "'; DROP TABLE agreement; --",
  '$1 %s ${jndi:ldap://x} {{7*7}}',
  '<script>alert(1)</script>',
  '../../../../etc/passwd%00',
  'null',
  '__proto__',
  'constructor',
  '0',
  '-1',
  'true',
  '[object Object]',
  '{"a":1}',
  '\\',
  '"',
];

const file = new URL('blns.json', url);

/** The other strings of the big list, each once, as NFC makes them. */
export const naughty: readonly string[] = existsSync(file)
  ? [
      ...new Map(
        (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((text) => [text.normalize('NFC'), text]),
      ).values(),
    ].filter((text) => text !== '' && !worst.includes(text))
  : [];

// What no text may hold: PostgreSQL keeps no NUL, and other control characters have no business in a name.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

/** Whether a text field must take a string, by what its documentation says. */
export function fits(text: string, { minLength = 1, maxLength = 200, pattern }: Schema): boolean {
  const whole = text.normalize('NFC');
  if (control.test(whole) || !whole.isWellFormed()) return false;
  // Selectors of how a character looks are not counted as characters.
  const length = [...whole.replaceAll(/[\uFE0E\uFE0F]/g, '')].length;
  return length >= minLength && length <= maxLength && (pattern === undefined || new RegExp(pattern).test(whole));
}

const texts = [7, 1.5, true, null, [], ['text'], {}, { a: 1 }, [[1]], ''];

/** Values of the wrong type for a kind of field, null left out where it is right. */
export function wrongValues(kind: Kind, { nullable = false }: Schema): unknown[] {
  const values = wrongByKind[kind] ?? texts;
  return nullable ? values.filter((value) => value !== null) : values;
}

const wrongByKind: Partial<Record<Kind, unknown[]>> = {
  flag: ['true', 'text', 1, 0, null, [], [true], {}, { a: 1 }, ''],
  statement: ['true', 'text', 1, 0, false, null, [], [true], {}, { a: 1 }, ''],
  count: ['7', 'text', 1.5, -1, true, null, [], [7], {}, { a: 1 }, ''],
  object: ['text', 7, 1.5, true, null, [], [{}], [[]], ''],
  list: ['text', 7, true, null, {}, { a: 1 }, ['text'], [7], [null], [[]], [[{}]], { 0: {}, length: 1 }, ''],
  words: ['text', 7, true, null, {}, { a: 1 }, ['text'], [7], [null], [[]], [{}], [['text']], ''],
  texts: ['text', 7, true, null, {}, { a: 1 }, [7], [null], [[]], [{}], [['text']], [''], ['a', 'a'], ''],
  json: ['text', 7, 1.5, true, null, [], [{}], ''],
};

const nested = (depth: number) => new Raw(`${'['.repeat(depth)}1${']'.repeat(depth)}`);

/** Literals that every field is sent, and refuses whatever its kind. */
export const brokenLiterals: readonly Raw[] = [
  new Raw('1e400'),
  new Raw('9007199254740993'),
  new Raw('"\\ud83d"'),
  new Raw('"a\\udc00b"'),
  new Raw('"a\\u0000b"'),
  new Raw('{"__proto__":{"a":1}}'),
  new Raw('{"constructor":{"prototype":1}}'),
];

/** A few are deep enough for any reader, some too deep for ours, and one for most. */
export const nestings: readonly Raw[] = [nested(50), nested(100), nested(20_000)];

/** Literals of which each field is sent some: what is no JSON, and what is JSON only to some readers. */
export const oddLiterals: readonly Raw[] = [
  new Raw('-9007199254740993'),
  new Raw('01'),
  new Raw('+1'),
  new Raw('.5'),
  new Raw('0x10'),
  new Raw('NaN'),
  new Raw('-Infinity'),
  new Raw('undefined'),
  new Raw("'text'"),
  new Raw('"a\tb"'),
  new Raw('"\\x41"'),
  new Raw('"\\u12"'),
  new Raw('[1,]'),
  new Raw('{"a":1,"a":1}'),
  new Raw('/* */ 1'),
  new Raw(''),
];

/** Numbers that are whole to some readers: a count may take them, anything else refuses them. */
export const wholeLiterals: readonly Raw[] = [new Raw('-0'), new Raw('1.0'), new Raw('1E0'), new Raw('0.1e1')];

/** Values of another type than the one that stands at a place of the terms. */
export function wrongTerms(value: unknown): unknown[] {
  if (Array.isArray(value)) return ['text', 7, true, null, {}, [[]], [null]];
  if (typeof value === 'string') return [7, true, null, [], {}, ''];
  if (typeof value === 'number') return ['7', 1.5, -1, true, null, [], {}];
  if (typeof value === 'boolean') return ['true', 1, null, [], {}];
  return ['text', 7, true, null, [], [{}]];
}

/** What stands for an id or a number in a path, already encoded, and names nothing. */
export const strangeIds: readonly string[] = [
  '%20',
  '%00',
  '%ff',
  '%E0%A4%A',
  '%',
  '%2e%2e%2f',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '9999999999',
  '99999999999999999999999999',
  '00000000-0000-7000-8000-00000000000',
  '00000000-0000-7000-8000-000000000000',
  '%7B00000000-0000-7000-8000-000000000000%7D',
  'urn:uuid:00000000-0000-7000-8000-000000000000',
  "'%20OR%201=1--",
  'x'.repeat(4_000),
];

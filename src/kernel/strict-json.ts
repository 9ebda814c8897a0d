import { pointerTo } from './json-pointer.js';

/** Containers nested deeper than this are refused. */
const DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEX_4 = /[0-9a-fA-F]{4}/y;

/** Why a text was refused: not JSON at all, or JSON that two readers could understand differently. */
export type StrictJsonRefusal =
  'syntax' | 'duplicate_key' | 'forbidden_key' | 'unsafe_number' | 'lone_surrogate' | 'too_deep';

/** `pointer` (RFC 6901) names the innermost value being read; `position` counts UTF-16 code units from zero. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError';

  constructor(
    readonly refusal: StrictJsonRefusal,
    readonly pointer: string,
    readonly position: number,
    detail: string,
  ) {
    super(`${detail} at position ${position} (${pointer || 'top level'})`);
  }
}

/**
 * Reads JSON (RFC 8259) that every reader understands alike.
 *
 * Refused besides bad syntax: a key given twice or named as something every JavaScript object has (`__proto__`,
 * `constructor`, …), a lone surrogate, a number that overflows or is
 * an integer beyond ±(2^53−1), and nesting deeper than 64. JSON.parse accepts all of these in silence, and then the
 * text that was signed and the value that is acted upon differ.
 */
export function parseStrictJson(text: string): unknown {
  return new StrictJsonReader(text).document();
}

class StrictJsonReader {
  private position = 0;
  private readonly path: (string | number)[] = [];

  constructor(private readonly text: string) {}

  document(): unknown {
    this.assertWellFormed();
    this.skipSpace();
    const value = this.value();
    this.skipSpace();
    if (this.position < this.text.length) this.refuse('syntax', 'Unexpected text after the value');
    return value;
  }

  /** Checked once for the whole text, so that only strings with `\u` escapes need a second look. */
  private assertWellFormed(): void {
    if (this.text.isWellFormed()) return;
    this.position = this.text.search(/\p{Surrogate}/u);
    this.refuse('lone_surrogate', 'Lone surrogate');
  }

  private value(): unknown {
    switch (this.text[this.position]) {
      case '{':
        return this.object();
      case '[':
        return this.array();
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    this.open();
    if (this.closes('}')) return record;
    do {
      this.skipSpace();
      const key = this.key(record);
      this.path.push(key);
      this.skipSpace();
      this.expect(':');
      this.skipSpace();
      record[key] = this.value();
      this.path.pop();
      this.skipSpace();
    } while (this.continues('}'));
    return record;
  }

  private key(record: object): string {
    const start = this.position;
    if (this.text[start] !== '"') this.refuse('syntax', 'Expected a member name in double quotes');
    const key = this.string();
    const inherited = key in Object.prototype;
    if (!inherited && !Object.hasOwn(record, key)) return key;
    this.position = start;
    if (inherited) this.refuse('forbidden_key', `The key ${JSON.stringify(key)} is refused`);
    return this.refuse('duplicate_key', `The key ${JSON.stringify(key)} is given twice`);
  }

  private array(): unknown[] {
    const list: unknown[] = [];
    this.open();
    if (this.closes(']')) return list;
    do {
      this.skipSpace();
      this.path.push(list.length);
      list.push(this.value());
      this.path.pop();
      this.skipSpace();
    } while (this.continues(']'));
    return list;
  }

  private open(): void {
    // The path holds one token per container around this one.
    if (this.path.length >= DEPTH_MAX) this.refuse('too_deep', `Nested deeper than ${DEPTH_MAX}`);
    this.position += 1;
    this.skipSpace();
  }

  private closes(bracket: string): boolean {
    if (this.text[this.position] !== bracket) return false;
    this.position += 1;
    return true;
  }

  private continues(bracket: string): boolean {
    if (this.closes(',')) return true;
    this.expect(bracket);
    return false;
  }

  private expect(character: string): void {
    if (!this.closes(character)) this.refuse('syntax', `Expected "${character}"`);
  }

  private string(): string {
    const opening = this.position;
    this.position += 1;
    let start = this.position;
    let decoded = '';
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        decoded += this.text.slice(start, this.position) + this.escape();
        start = this.position;
      } else if (code >= 0x20) this.position += 1;
      // A control character, or NaN past the end of the text.
      else this.refuse('syntax', 'Unterminated string or control character in it');
    }
    const tail = this.text.slice(start, this.position);
    this.position += 1;
    if (decoded === '') return tail;
    const whole = decoded + tail;
    if (whole.isWellFormed()) return whole;
    this.position = opening;
    return this.refuse('lone_surrogate', 'Lone surrogate');
  }

  private escape(): string {
    const letter = this.text[this.position + 1] ?? '';
    if (letter === 'u') return this.unicodeEscape();
    // `letter` is one character of the text, so a name such as "constructor" can never be looked up.
    const character = ESCAPES[letter];
    if (character === undefined) return this.refuse('syntax', 'Unknown escape');
    this.position += 2;
    return character;
  }

  private unicodeEscape(): string {
    HEX_4.lastIndex = this.position + 2;
    if (!HEX_4.test(this.text)) this.refuse('syntax', 'Expected four hexadecimal digits');
    const code = Number.parseInt(this.text.slice(this.position + 2, this.position + 6), 16);
    this.position += 6;
    return String.fromCharCode(code);
  }

  private number(): number {
    NUMBER.lastIndex = this.position;
    if (!NUMBER.test(this.text)) this.refuse('syntax', 'Expected a value');
    const value = Number(this.text.slice(this.position, NUMBER.lastIndex));
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      this.refuse('unsafe_number', 'A number beyond ±(2^53−1) is not the same number to every reader');
    }
    this.position = NUMBER.lastIndex;
    return value;
  }

  private word<Value>(word: string, value: Value): Value {
    if (!this.text.startsWith(word, this.position)) this.refuse('syntax', 'Expected a value');
    this.position += word.length;
    return value;
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.position += 1;
    }
  }

  private refuse(refusal: StrictJsonRefusal, detail: string): never {
    throw new StrictJsonError(refusal, pointerTo(this.path), this.position, detail);
  }
}

import { childPointer } from '../../kernel/json-pointer.js';
import type { TermsProblem } from './problems.js';

/** Far more than any terms need; it keeps a hostile draft from exhausting the stack. */
const DEPTH_MAX = 32;

interface Walk {
  readonly problems: TermsProblem[];
  readonly depth: number;
}

/**
 * A frozen copy of a JSON value with every string in Unicode NFC. Field names are left alone: the schema is closed, so
 * one that is spelt otherwise is simply unknown.
 */
export function normalise(value: unknown): { readonly value: unknown; readonly problems: TermsProblem[] } {
  const problems: TermsProblem[] = [];
  return { value: copy(value, '', { problems, depth: 0 }), problems };
}

function copy(value: unknown, pointer: string, walk: Walk): unknown {
  if (typeof value === 'string') return normaliseText(value, pointer, walk.problems);
  if (value === null || typeof value !== 'object') return value;
  if (walk.depth >= DEPTH_MAX) {
    const expected = `at most ${DEPTH_MAX} levels`;
    walk.problems.push({ pointer, code: 'terms.too_deep', detail: 'Nested too deep to be terms.', expected });
    return null;
  }
  const deeper = { problems: walk.problems, depth: walk.depth + 1 };
  if (Array.isArray(value)) {
    return Object.freeze(value.map((item: unknown, index) => copy(item, childPointer(pointer, index), deeper)));
  }
  // fromEntries defines members one by one, so that one named __proto__ stays a member and is refused as unknown.
  return Object.freeze(
    Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, copy(member, childPointer(pointer, key), deeper)]),
    ),
  );
}

// PostgreSQL keeps no NUL, and other control characters have no business in what is signed.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

function normaliseText(text: string, pointer: string, problems: TermsProblem[]): string {
  const whole = text.isWellFormed();
  if (whole && !CONTROL.test(text)) return text.normalize('NFC');
  const detail = `The text holds ${whole ? 'a control character' : 'half of a character'}.`;
  problems.push({ pointer, code: 'terms.not_text', detail, expected: 'Unicode text without control characters' });
  return '';
}

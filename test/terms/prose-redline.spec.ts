import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProseClause } from '../../src/terms/digest.js';
import { proseRedline, type ClauseRedline, type Word } from '../../src/terms/prose-redline.js';
import { exampleProse } from './example-prose.js';

const clause = (clauseId: string, text = `Text of ${clauseId}.`, heading = 'Heading'): ProseClause => ({
  clauseId,
  heading,
  text,
});
const only = (words: readonly Word[], kind: 'added' | 'removed'): string =>
  words
    .filter((word) => word.kind === kind || word.kind === 'kept')
    .map(({ text }) => text)
    .join('');
const shown = (redline: readonly ClauseRedline[]): string[] =>
  redline.map(({ clauseId, kind }) => `${clauseId} ${kind}`);
const kinds = (before: string[], after: string[]): string[] =>
  shown(
    proseRedline(
      before.map((id) => clause(id)),
      after.map((id) => clause(id)),
    ),
  );
const marked = (before: string, after: string): string =>
  (proseRedline([clause('1', before)], [clause('1', after)])[0]?.text ?? [])
    .map(({ kind, text }) => ({ kept: text, added: `{+${text}+}`, removed: `[-${text}-]` })[kind])
    .join('');

/** Words from a small stock, so that texts share many, beside text of any characters at all. */
const phrases = fc
  .array(
    fc.constantFrom(
      'the',
      'partner',
      'may',
      ' ',
      '  ',
      '\n',
      '\r\n',
      '\t',
      ',',
      '’',
      'é',
      'e\u0301',
      '契約',
      '👩‍🔬',
      '\u202e',
      '\ud83d',
      '\udd2c',
    ),
    {
      maxLength: 30,
    },
  )
  .map((parts) => parts.join(''));
const texts = fc.oneof(
  phrases,
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);
const proses = fc.uniqueArray(fc.record({ clauseId: fc.constantFrom(...'abcdefgh'), heading: texts, text: texts }), {
  selector: ({ clauseId }) => clauseId,
});
/** A prose, and another that shares some of its clauses, in another order. */
const pairs = fc
  .tuple(proses, proses)
  .chain(([before, other]) =>
    fc
      .shuffledSubarray([...before, ...other])
      .map((some) => [before, [...new Map(some.map((one) => [one.clauseId, one])).values()]] as const),
  );

describe('a redline of prose', () => {
  it('holds both texts to the letter, whatever their characters', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const redline = proseRedline(before, after);
        const read = (kind: 'added' | 'removed'): ProseClause[] =>
          redline
            .filter((one) => one.kind !== (kind === 'added' ? 'removed' : 'added'))
            .map(({ clauseId, heading, text }) => clause(clauseId, only(text, kind), only(heading, kind)));
        expect(read('added')).toEqual(after);
        const byId = (one: ProseClause, other: ProseClause): number => (one.clauseId < other.clauseId ? -1 : 1);
        expect(read('removed').toSorted(byId)).toEqual(before.toSorted(byId));
        for (const { heading, text } of redline) expect([...heading, ...text].every((word) => word.text)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('says of each clause what became of it, and the same each time', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const redline = proseRedline(before, after);
        expect(proseRedline(structuredClone(before), structuredClone(after))).toEqual(redline);
        for (const { clauseId, kind, heading, text } of redline) {
          const [was, is] = [before, after].map((prose) => prose.find((one) => one.clauseId === clauseId));
          const same = was?.heading === is?.heading && was?.text === is?.text;
          expect(kind === 'added').toBe(was === undefined);
          expect(kind === 'removed').toBe(is === undefined);
          expect(kind === 'changed').toBe(was !== undefined && is !== undefined && !same);
          if (kind === 'kept' || kind === 'moved')
            expect([...heading, ...text].every((word) => word.kind === 'kept')).toBe(true);
        }
        const stayed = (prose: readonly ProseClause[]): string[] => {
          const kept = new Set(redline.filter(({ kind }) => kind === 'kept').map(({ clauseId }) => clauseId));
          return prose.map(({ clauseId }) => clauseId).filter((id) => kept.has(id));
        };
        expect(stayed(before)).toEqual(stayed(after));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every clause of equal proses', () => {
    const redline = proseRedline(exampleProse, structuredClone(exampleProse));
    expect(redline.map(({ clauseId, kind }) => [clauseId, kind])).toEqual(
      exampleProse.map(({ clauseId }) => [clauseId, 'kept']),
    );
    expect(redline[0]?.text).toEqual([{ kind: 'kept', text: exampleProse[0]?.text }]);
  });

  it('puts a clause that was taken out after the one it followed, even where others came in', () => {
    expect(kinds(['1', '2', '3', '4'], ['1', 'x', '4'])).toEqual([
      '1 kept',
      '2 removed',
      '3 removed',
      'x added',
      '4 kept',
    ]);
    expect(kinds(['1', '2'], ['x', '2'])).toEqual(['1 removed', 'x added', '2 kept']);
    expect(kinds(['1', '2'], [])).toEqual(['1 removed', '2 removed']);
    expect(kinds([], ['1'])).toEqual(['1 added']);
    expect(kinds(['1', '2', '3', '4'], ['4', '1', '2'])).toEqual(['4 moved', '1 kept', '2 kept', '3 removed']);
  });

  it('calls as few clauses moved as explain the order', () => {
    expect(kinds(['1', '2', '3', '4', '5'], ['5', '1', '2', '3', '4'])).toEqual([
      '5 moved',
      '1 kept',
      '2 kept',
      '3 kept',
      '4 kept',
    ]);
    expect(kinds(['1', '2', '3'], ['x', '1', '3'])).not.toContain('3 moved');
  });

  it('shows a phrase for a phrase, and leaves what is between changes apart', () => {
    expect(marked('Keys live at most sixty days.', 'Keys live at most thirty days.')).toBe(
      'Keys live at most [-sixty-]{+thirty+} days.',
    );
    expect(marked('one approver signs', 'two persons sign')).toBe('[-one approver signs-]{+two persons sign+}');
    expect(marked('the lab may', 'the lab and its staff may')).toBe('the lab {+and its staff +}may');
    expect(marked('old\nold', 'new\nnew')).toBe('[-old-]{+new+}\n[-old-]{+new+}');
    expect(marked('a  b', 'a b')).toBe('a[-  -]{+ +}b');
    expect(marked(' ', 'a b')).toBe('{+a+} {+b+}');
    expect(marked('a ', 'b ')).toBe('[-a-]{+b+} ');
    expect(marked('the a c d', 'the x a y c')).toBe('the {+x +}a [-c d-]{+y c+}');
    expect(marked('', 'new')).toBe('{+new+}');
    expect(marked('old', '')).toBe('[-old-]');
  });

  it('shows a changed heading as well', () => {
    const [redline] = proseRedline([clause('1', 'Same.', 'Term')], [clause('1', 'Same.', 'Terms')]);
    expect(redline).toMatchObject({
      kind: 'changed',
      heading: [
        { kind: 'removed', text: 'Term' },
        { kind: 'added', text: 'Terms' },
      ],
      text: [{ kind: 'kept', text: 'Same.' }],
    });
  });

  it('finds a small change in the longest text, and replaces the whole of one that has little left', () => {
    const long = (word: (index: number) => string): string =>
      Array.from({ length: 4_000 }, (_, index) => word(index))
        .join(' ')
        .slice(0, 20_000);
    const [before, after] = [long((index) => `a${index}`), long((index) => `b${index}`)];
    expect(marked(before, after)).toBe(`[-${before}-]{+${after}+}`);
    expect(marked(before, before.replace('a2000 ', ''))).toContain('[-a2000 -]');
  });

  it('takes a bounded time over two hundred of the longest clauses that share nothing', () => {
    const letters = (from: number): string =>
      String.fromCodePoint(...Array.from({ length: 20_000 }, (_, index) => from + ((index * 7_919) % 5_000)));
    const prose = (from: number): ProseClause[] =>
      Array.from({ length: 200 }, (_, index) => clause(`${index}`, letters(from + index)));
    const [before, after] = [prose(0x4e00), prose(0x6800)];
    const startedAt = performance.now();
    const redline = proseRedline(before, after);
    // It takes one or two seconds; without a limit it would take hours.
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect(redline.every(({ text }) => text.length === 2)).toBe(true);
  });
});

import { diffArrays, diffWordsWithSpace } from 'diff';
import type { ProseClause } from './digest.js';

/** A stretch of text that is in both texts, only in the later one, or only in the earlier one. Never empty. */
export interface Word {
  readonly kind: 'kept' | 'added' | 'removed';
  readonly text: string;
}

/**
 * What became of one clause. What is kept and removed makes up the earlier heading or text, to the letter, and what is
 * kept and added the later one. A clause is `moved` when its words are the same and others have passed it; one that was
 * reworded is `changed`, wherever it stands.
 */
export interface ClauseRedline {
  readonly clauseId: string;
  readonly kind: 'kept' | 'added' | 'removed' | 'changed' | 'moved';
  readonly heading: readonly Word[];
  readonly text: readonly Word[];
}

/**
 * The most that the words by which each changed clause differs may come to, squared and added up: the time to compare
 * texts grows with that square. A limit of time would make a redline differ from one machine to another.
 */
const EDITS_SQUARED_MAX = 4_000_000;

/**
 * What changed between two proses, clause by clause in the reading order of the later one; a clause that was taken out
 * stands after the one it followed. Clauses are known by `clauseId`, which must be unique in each. A text that differs
 * by too many words (2,000, or fewer where many clauses differ) is shown as wholly removed and wholly added.
 */
export function proseRedline(before: readonly ProseClause[], after: readonly ProseClause[]): ClauseRedline[] {
  const [earlier, later] = [byId(before), byId(after)];
  const changed = after.filter((clause) => isReworded(earlier.get(clause.clauseId), clause)).length;
  const edits = Math.floor(Math.sqrt(EDITS_SQUARED_MAX / Math.max(1, changed)));
  const passed = passedClauses(before, after);
  const removed = removedByPredecessor(before, later);
  const removedAfter = (clauseId: string | null): ClauseRedline[] =>
    (removed.get(clauseId) ?? []).map((clause) => wholeClause('removed', clause));
  return [
    ...removedAfter(null),
    ...after.flatMap((clause) => [
      clauseRedline(earlier.get(clause.clauseId), clause, { edits, passed }),
      ...removedAfter(clause.clauseId),
    ]),
  ];
}

function byId(clauses: readonly ProseClause[]): ReadonlyMap<string, ProseClause> {
  return new Map(clauses.map((clause) => [clause.clauseId, clause]));
}

function isReworded(before: ProseClause | undefined, after: ProseClause): boolean {
  return before !== undefined && (before.heading !== after.heading || before.text !== after.text);
}

/** The clauses that are new or that others have passed: as few as explain the new order. */
function passedClauses(before: readonly ProseClause[], after: readonly ProseClause[]): ReadonlySet<string> {
  return new Set(diffArrays(idsOf(before), idsOf(after)).flatMap(({ added, value }) => (added ? value : [])));
}

function idsOf(clauses: readonly ProseClause[]): string[] {
  return clauses.map(({ clauseId }) => clauseId);
}

/** The clauses taken out, by the last clause before them that stayed; by null where none did. */
function removedByPredecessor(
  before: readonly ProseClause[],
  later: ReadonlyMap<string, ProseClause>,
): ReadonlyMap<string | null, ProseClause[]> {
  const removed = new Map<string | null, ProseClause[]>();
  let predecessor: string | null = null;
  for (const clause of before) {
    if (later.has(clause.clauseId)) predecessor = clause.clauseId;
    else removed.set(predecessor, [...(removed.get(predecessor) ?? []), clause]);
  }
  return removed;
}

function clauseRedline(
  before: ProseClause | undefined,
  after: ProseClause,
  { edits, passed }: { readonly edits: number; readonly passed: ReadonlySet<string> },
): ClauseRedline {
  if (before === undefined) return wholeClause('added', after);
  const unchanged = passed.has(after.clauseId) ? 'moved' : 'kept';
  return {
    clauseId: after.clauseId,
    kind: isReworded(before, after) ? 'changed' : unchanged,
    heading: words(before.heading, after.heading, edits),
    text: words(before.text, after.text, edits),
  };
}

function wholeClause(kind: 'added' | 'removed', { clauseId, heading, text }: ProseClause): ClauseRedline {
  return { clauseId, kind, heading: whole(kind, heading), text: whole(kind, text) };
}

function whole(kind: Word['kind'], text: string): Word[] {
  return text === '' ? [] : [{ kind, text }];
}

function words(before: string, after: string, edits: number): Word[] {
  if (before === after) return whole('kept', after);
  const changes = diffWordsWithSpace(before, after, { maxEditLength: edits });
  if (changes === undefined) return [...whole('removed', before), ...whole('added', after)];
  return joined(changes.map(({ added, removed, value }) => ({ kind: kindOf(added, removed), text: value })));
}

function kindOf(added: boolean, removed: boolean): Word['kind'] {
  if (added) return 'added';
  return removed ? 'removed' : 'kept';
}

/**
 * The same changes, with a space that was kept between two replaced words made part of the replacement: a phrase is
 * read as one phrase for another, and not as words taking turns.
 */
function joined(changes: readonly Word[]): Word[] {
  const result: Word[] = [];
  let run = { removed: '', added: '' };
  const endRun = (): void => {
    result.push(...whole('removed', run.removed), ...whole('added', run.added));
    run = { removed: '', added: '' };
  };
  for (const [index, { kind, text }] of changes.entries()) {
    if (kind !== 'kept') run[kind] += text;
    else if (isGap(changes, index)) run = { removed: run.removed + text, added: run.added + text };
    else {
      endRun();
      result.push({ kind, text });
    }
  }
  endRun();
  return result;
}

/** Whether this is a kept space after a replacement and before another change. A line break always parts them. */
function isGap(changes: readonly Word[], index: number): boolean {
  const replaced = changes.slice(Math.max(0, index - 2), index).every(({ kind }) => kind !== 'kept');
  return index >= 2 && index < changes.length - 1 && replaced && /^[^\S\r\n]+$/.test(changes[index]?.text ?? '');
}

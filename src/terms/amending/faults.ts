import { childPointer } from '../../kernel/json-pointer.js';
import type { ProseClause } from '../digest.js';
import type { TermsProblem, TermsProblemCode } from '../drafting/problems.js';
import { redline, type RedlineEntry } from '../redline.js';
import type { Terms } from '../terms.js';

/** A text that is amended, or that an amendment proposes: checked terms, and prose whose clause ids are unique. */
export interface AmendedText {
  readonly terms: Terms;
  /** In the order in which the clauses are read. */
  readonly prose: readonly ProseClause[];
}

/**
 * Why an amendment is not of the kind that it says it is. The `pointer` leads into the whole proposed text, `{terms,
 * prose}`; what the proposal leaves out is shown at the list or at the member where it was.
 */
export type AmendmentFault = TermsProblem;

/** What is wrong wherever two values differ that must not. */
export interface Verdict {
  readonly code: TermsProblemCode;
  /** As a sentence. */
  readonly detail: string;
}

/**
 * One fault for each difference of two JSON objects, members named in `free` aside. `pointer` is where the later one
 * stands.
 */
export function differences<Block extends object>(
  pointer: string,
  [before, after]: readonly [Block, Block],
  { code, detail }: Verdict,
  free: readonly (keyof Block & string)[] = [],
): AmendmentFault[] {
  return redline(without(before, free), without(after, free)).map((entry) => ({
    pointer: `${pointer}${placeIn(entry)}`,
    code,
    detail,
    expected: 'what it says now',
  }));
}

/** The ids of the clauses that may have other words than before, and of those that may be new. */
export interface FreeClauses {
  readonly changed: ReadonlySet<string>;
  readonly added: ReadonlySet<string>;
}

/** One fault for each difference of two proses, `free` aside. No clause may be taken out, nor any change places. */
export function proseDifferences(
  before: readonly ProseClause[],
  after: readonly ProseClause[],
  verdict: Verdict,
  free: FreeClauses,
): AmendmentFault[] {
  const [was, is] = [byId(before), byId(after)];
  const fault = (pointer: string, expected: string): AmendmentFault => ({ pointer, ...verdict, expected });
  const removed = before.flatMap(({ clauseId }) =>
    is.has(clauseId) ? [] : [fault('/prose', `the clause ${clauseId}, which may not be taken out`)],
  );
  const changed = after.flatMap((clause, index) => {
    const earlier = was.get(clause.clauseId);
    const place = childPointer('/prose', index);
    if (earlier === undefined) return free.added.has(clause.clauseId) ? [] : [fault(place, 'no such clause')];
    if (free.changed.has(clause.clauseId)) return [];
    return differences(place, [earlier, clause], verdict);
  });
  const sameOrder = orderOf(before, is) === orderOf(after, was);
  const moved = sameOrder ? [] : [fault('/prose', 'the clauses in the order they have now')];
  return [...removed, ...moved, ...changed];
}

/** The order in which the clauses that are in both proses come in this one. */
function orderOf(clauses: readonly ProseClause[], others: ReadonlyMap<string, ProseClause>): string {
  return JSON.stringify(clauses.map(({ clauseId }) => clauseId).filter((id) => others.has(id)));
}

function byId(clauses: readonly ProseClause[]): ReadonlyMap<string, ProseClause> {
  return new Map(clauses.map((clause) => [clause.clauseId, clause]));
}

function without(block: object, free: readonly string[]): object {
  return Object.fromEntries(Object.entries(block).filter(([name]) => !free.includes(name)));
}

/** A removed item of a list has no place in the later text, where another may stand at its index. */
function placeIn({ kind, pointer }: RedlineEntry): string {
  return kind === 'removed' ? pointer.replace(/\/\d+$/, '') : pointer;
}

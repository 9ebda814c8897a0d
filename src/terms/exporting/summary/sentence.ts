import type { HeldBy } from '../../terms.js';

/** Something the terms say, the clause that says it, and how it is held. */
export interface Sentence {
  /** One sentence, or a few that belong together. */
  readonly text: string;
  readonly clauseRef: string;
  readonly heldBy: HeldBy;
}

/** The texts as sentences of one block of the terms; those that are null have nothing to say. */
export function sentencesOf(
  { clauseRef, heldBy }: Pick<Sentence, 'clauseRef' | 'heldBy'>,
  texts: readonly (string | null)[],
): Sentence[] {
  return texts.flatMap((text) => (text === null ? [] : [{ text, clauseRef, heldBy }]));
}

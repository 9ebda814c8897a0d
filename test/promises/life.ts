import { Actor } from '../../src/kernel/actor.js';
import { Moves } from '../../src/kernel/moves.js';

export type AnyMoves = Moves<string, string>;

/** When the commands of the review are given. */
export const at = new Date('2026-03-02T09:00:00Z');
/** Who gives them. */
export const actor = { id: 'ada', roles: [] } as unknown as Actor;

/** A thing with a life, as its entity lives it. */
export interface Life {
  moves: AnyMoves;
  /** Puts the entity into a state and gives it a command; the state that it is in afterwards, and the event. */
  give: (state: string, command: string) => { state: string; event: string };
  /** The whole life as it was reviewed: for each state, where each command leads. */
  reviewed: Record<string, Record<string, string>>;
}

/** What came of a command, also where it was refused. */
export function told(entity: { state: string }, command: () => string): { state: string; event: string } {
  try {
    const event = command();
    return { state: entity.state, event };
  } catch (error) {
    throw Object.assign(error as Error, { stateAfter: entity.state });
  }
}

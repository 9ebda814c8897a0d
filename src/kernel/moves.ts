import { Actor } from './actor.js';
import { may, Permission, permissions } from './permissions.js';
import { Refusal } from './refusal.js';

/** One permitted move: where it leads and the intent-named event it leaves in the audit log. */
export interface Move<State extends string> {
  readonly to: State;
  readonly event: string;
}

type Table<State extends string, Command extends string> = Record<State, Partial<Record<Command, Move<State>>>>;

/**
 * The whole life of one kind of thing, as data: for each state the commands it takes. Who may give a command is the
 * permission `<thing>.<command>`, so that the table, the routes and `allowedActions` cannot disagree.
 * A table with a state that nothing leads to, or a command that no permission names, is refused when the program starts.
 */
export class Moves<State extends string, Command extends string> {
  constructor(
    readonly thing: string,
    readonly initial: State,
    readonly table: Table<State, Command>,
  ) {
    const unreached = this.states.filter((state) => !this.reachable().has(state));
    if (unreached.length > 0) throw new Error(`No move of ${thing} leads to ${unreached.join(', ')}.`);
    const unknown = this.commands.filter((command) => !Object.hasOwn(permissions, `${thing}.${command}`));
    if (unknown.length > 0) throw new Error(`No permission says who may ${unknown.join(', ')} a ${thing}.`);
  }

  get states(): State[] {
    return Object.keys(this.table) as State[];
  }

  get commands(): Command[] {
    return [...new Set(this.states.flatMap((state) => Object.keys(this.table[state]) as Command[]))].toSorted();
  }

  /** The move that a command makes from a state; `move_not_allowed` where the table has none. */
  from(state: State, command: Command): Move<State> {
    const move = this.table[state][command];
    if (move) return move;
    throw new Refusal(
      'move_not_allowed',
      `The ${this.thing.replaceAll('_', ' ')} is ${state}, and does not take "${command}".`,
      {
        expected: `one of: ${Object.keys(this.table[state]).join(', ') || 'nothing; this state is final'}`,
      },
    );
  }

  /** The commands that this actor could give now, as answers print them. */
  allowedTo(actor: Actor, state: State): Command[] {
    return (Object.keys(this.table[state]) as Command[]).filter((command) =>
      may(actor, `${this.thing}.${command}` as Permission),
    );
  }

  /** The table as a Mermaid state diagram, for the reference pages. */
  diagram(): string {
    const lines = this.states.flatMap((state) =>
      Object.entries<Move<State>>(this.table[state] as Record<string, Move<State>>).map(
        ([command, move]) => `    ${state} --> ${move.to}: ${command}`,
      ),
    );
    const ends = this.states.filter((state) => Object.keys(this.table[state]).length === 0);
    return ['stateDiagram-v2', `    [*] --> ${this.initial}`, ...lines, ...ends.map((s) => `    ${s} --> [*]`)].join(
      '\n',
    );
  }

  private reachable(): Set<State> {
    const seen = new Set<State>([this.initial]);
    for (const state of seen) {
      for (const move of Object.values<Move<State>>(this.table[state] as Record<string, Move<State>>))
        seen.add(move.to);
    }
    return seen;
  }
}

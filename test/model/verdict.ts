import { ProblemCode } from '../../src/kernel/problems.js';
import { Text, thingOf, World } from './world.js';

/** An entry that the log must get, and whose log: the organisation's, or the lab's own. */
export interface Entry {
  event: string;
  /** What it is about, as `kind position`. */
  subject: string;
  internal: boolean;
  /** Who acted; the system for what time brings about. */
  by: string;
}

/** A row that the history of a text must get. */
export interface Moved {
  text: number;
  command: string;
  from: string | null;
  to: string;
  shown: boolean;
}

/** What a command leaves behind. */
export interface Traces {
  entries: Entry[];
  moves: Moved[];
}

/**
 * What the design says of a command: every ground on which it is refused, of which the system may name any one; or the
 * world after it and what it leaves behind.
 */
export type Verdict = { refused: ProblemCode[] } | ({ refused: null; world: World } & Traces);

/** A ground for refusal and whether it holds. */
export type Ground = readonly [code: ProblemCode, holds: boolean];

/** A world in which something is happening, on a copy. */
export class Happening implements Traces {
  readonly entries: Entry[] = [];
  readonly moves: Moved[] = [];
  readonly world: World;

  constructor(
    world: World,
    readonly by: string,
  ) {
    this.world = structuredClone(world);
  }

  /** An entry about something that is no text, in the organisation's log unless it is said otherwise. */
  tell(event: string, subject: string, internal = false): void {
    this.entries.push({ event, subject, internal, by: this.by });
  }

  /** A text takes a new state, which its history and the log tell once each. */
  move(position: number, [command, to, event]: readonly [command: string, to: string, event: string]): void {
    const text = this.world.texts[position]!;
    const from = text.state === 'new' ? null : text.state;
    text.state = to;
    if (to !== 'in_negotiation') text.turn = null;
    if (to !== 'out_for_signature') text.signBy = null;
    this.remember(text);
    this.moves.push({ text: position, command, from, to, shown: text.shown });
    this.tell(`${thingOf(text)}.${event}`, `${thingOf(text)} ${position}`, !text.shown);
  }

  private remember(text: Text): void {
    const { state, endedAt, shown } = text;
    text.past.push({ at: this.world.now, state, endedAt, shown });
  }
}

/** Judges a command: refused on every ground that holds, or carried out on a copy of the world. */
export function judged(
  world: World,
  by: string,
  grounds: readonly Ground[],
  carryOut: (happening: Happening) => void,
): Verdict {
  const refused = grounds.filter(([, holds]) => holds).map(([code]) => code);
  if (refused.length > 0) return { refused };
  const happening = new Happening(world, by);
  carryOut(happening);
  const { entries, moves } = happening;
  return { refused: null, world: happening.world, entries, moves };
}

/** A verdict without a happening. */
export function refusedAs(...refused: ProblemCode[]): Verdict {
  return { refused };
}

import { Deed } from '../deed.js';
import { Dice } from '../dice.js';
import { Verdict } from '../verdict.js';
import { World } from '../world.js';

/** One kind of command: how somebody gives it, and what the design says of it. */
export interface Command {
  /** How often it is chosen of those that lead on. */
  weight: number;
  /** Chooses who gives it, about what and how; sense and nonsense. */
  choose: (world: World, dice: Dice) => Omit<Deed, 'command'>;
  judge: (world: World, deed: Deed) => Verdict;
}

export type Commands = Readonly<Record<string, Command>>;

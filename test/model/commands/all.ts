import { Deed } from '../deed.js';
import { Dice } from '../dice.js';
import { Verdict } from '../verdict.js';
import { World } from '../world.js';
import { Commands } from './command.js';
import { partnerCommands } from './partner-commands.js';
import { standingCommands } from './standing-commands.js';
import { draftCommands, leadsOn, textCommands } from './text-commands.js';

/** Every command of the model. */
export const commands: Commands = { ...partnerCommands, ...draftCommands, ...textCommands, ...standingCommands };

/** What a run is mostly about: by how much more or less often some commands are chosen than in another. */
export const themes = {
  negotiation: { 'counter-propose': 3, revise: 3, return: 3, reopen: 3, delegate: 2 },
  amendment: { 'draft amendment': 4, 'draft agreement': 0.1, 'draft successor': 0.1 },
  succession: { 'draft successor': 6, 'draft agreement': 0.3, 'draft amendment': 0.3 },
  ending: {
    'serve notice': 4,
    advance: 2,
    'propose termination': 3,
    'draft agreement': 0.1,
    'draft successor': 0.1,
    'draft amendment': 0.2,
  },
} as const;
export type Theme = keyof typeof themes;

/** How often each is chosen of those that lead on, in a run of a theme. */
function leadingIn(theme: Theme): Map<string, number> {
  const factors: Readonly<Record<string, number>> = themes[theme];
  return new Map(Object.entries(commands).map(([name, { weight }]) => [name, weight * (factors[name] ?? 1)]));
}

/** How often each is chosen whatever comes of it: what ends things early less often, or no run would get far. */
const blind = new Map(Object.keys(commands).map((name) => [name, 1]));
for (const name of ['offboard partner', 'decline partner', 'withdraw', 'decline', 'suspend organisation']) {
  blind.set(name, 0.25);
}

/** How often it is tried to give a command so that it is carried out. */
const triesMax = 20;

/** What the design says of a deed. */
export function judge(world: World, deed: Deed): Verdict {
  return commands[deed.command]!.judge(world, deed);
}

/** One command as somebody may give it, whatever comes of it. */
export function anyDeed(world: World, dice: Dice): Deed {
  return deedOf(world, dice.weighted(blind), dice);
}

/** A deed that is carried out, mostly of the kind that leads to the end of the story. */
export function leadingDeed(world: World, dice: Dice, theme: Theme): Deed {
  const left = leadingIn(theme);
  for (;;) {
    const name = dice.weighted(left);
    const deed = leadsOn(name, world) ? acceptedDeed(world, name, dice) : null;
    if (deed) return deed;
    left.delete(name);
  }
}

function acceptedDeed(world: World, name: string, dice: Dice): Deed | null {
  for (let tried = 0; tried < triesMax; tried += 1) {
    const deed = deedOf(world, name, dice);
    if (judge(world, deed).refused === null) return deed;
  }
  return null;
}

function deedOf(world: World, name: string, dice: Dice): Deed {
  return { command: name, ...commands[name]!.choose(world, dice) };
}

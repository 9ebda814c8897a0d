import { Content } from '../content.js';
import { Named } from '../deed.js';
import { Dice } from '../dice.js';
import { holds, people, Person, Side } from '../people.js';
import { roles } from '../rules/permitted.js';
import { day, headOf, Text, TextKind, World } from '../world.js';

/** How often, of a hundred times, a choice is made as somebody who means well would make it. */
const sense = 80;

/** The position of one of some things: mostly one that fits, sometimes any, and -1 where there is none. */
export function choose<T>(dice: Dice, list: readonly T[], fits: (item: T, position: number) => boolean): number {
  const fitting = list.map((_, position) => position).filter((position) => fits(list[position]!, position));
  if (fitting.length > 0 && dice.chance(sense)) return dice.pick(fitting);
  return list.length === 0 || dice.chance(4) ? -1 : dice.below(list.length);
}

/** Somebody for a command: mostly one who may give it, of a side where that matters. */
export function somebody(dice: Dice, command: string, side: Side | null = null): Person {
  const apt = people.filter((one) => !one.stranger && holds(one, roles[command] ?? []));
  const ofSide = apt.filter((one) => side === null || one.side === side);
  if (ofSide.length > 0 && dice.chance(sense)) return dice.pick(ofSide);
  return dice.chance(60) ? dice.pick(apt) : dice.pick(people);
}

/** Mostly the newest revision of a text; else an older one, one of another text, or none. */
export function named(dice: Dice, { texts }: World, text: number): Named {
  const newest = (texts[text]?.revisions.length ?? 0) - 1;
  if (dice.chance(85)) return { text, revision: newest };
  if (dice.chance(60)) return { text, revision: dice.below(newest + 2) };
  return { text: texts.length > 0 ? dice.below(texts.length) : 0, revision: dice.below(3) };
}

/** The content of a first draft: a term that begins soon and is long enough for what may happen in it. */
export function firstContent(dice: Dice, { now }: Pick<World, 'now'>): Content {
  const from = now + dice.pick([-1, 0, 0, 0, 1, 5, 40]) * day;
  return {
    from,
    until: from + dice.pick([60, 150, 150, 400]) * day,
    limit: 1_000,
    high: dice.chance(25),
    protectable: dice.chance(75),
    forCause: dice.chance(85),
    address: 0,
    words: 0,
    broken: dice.chance(4),
  };
}

type Change = (content: Content, dice: Dice) => Partial<Content>;

const material: readonly Change[] = [
  ({ limit }, dice) => ({ limit: limit + 1 + dice.below(3) }),
  ({ until }, dice) => ({ until: until + dice.pick([-20, -1, 1, 30, 200]) * day }),
  ({ high }) => ({ high: !high }),
  ({ protectable }) => ({ protectable: !protectable }),
  ({ forCause }) => ({ forCause: !forCause }),
  ({ words }) => ({ words: words + 1 }),
  ({ from }, dice) => ({ from: from + dice.pick([-1, 1]) * day }),
  () => ({ broken: true }),
  () => ({}),
];
const administrative: Change = ({ address }, dice) => ({ address: dice.chance(80) ? address + 1 : 0 });
const protective: Change = ({ limit }, dice) => ({ limit: limit - 1 - dice.below(3) });

/** Another content, mostly one that an amendment of a kind may have. */
export function changed(dice: Dice, kind: TextKind, content: Content): Content {
  const own = { administrative, protective, original: null, material: null }[kind];
  const change = own && dice.chance(85) ? own : dice.pick(material.slice(0, dice.chance(70) ? 6 : undefined));
  return { ...content, ...change(content, dice) };
}

/** The next revision of a text; mostly a change of what it amends, which is what its kind is about. */
export function nextContent(dice: Dice, { texts }: Pick<World, 'texts'>, text: Text | undefined): Content {
  if (!text) return firstContent(dice, { now: 0 });
  if (text.base === null) return changed(dice, text.kind, headOf(text).content);
  return changed(dice, text.kind, texts[text.of]!.versions[text.base.number - 1]!.content);
}

/** How somebody signs: mostly freshly authenticated and under their own name. */
export function signing(dice: Dice): { provedAgo: number | null; ownName: boolean } {
  const fresh = dice.pick([0, 60_000, 300_000]);
  return { provedAgo: dice.chance(90) ? fresh : dice.pick([300_001, day, null]), ownName: dice.chance(95) };
}

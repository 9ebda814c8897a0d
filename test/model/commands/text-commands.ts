import { Deed } from '../deed.js';
import { Dice } from '../dice.js';
import { breachIsOpen, convenientFrom, cureBy, current, isOpenBreach } from '../standing.js';
import { textRules } from '../rules/actions.js';
import { draftAgreement, draftAmendment } from '../rules/drafting.js';
import { ofText } from '../rules/texts.js';
import { day, openStates, Text, TextKind, World } from '../world.js';
import { changed, choose, firstContent, named, nextContent, signing, somebody } from './choosing.js';
import { Command, Commands } from './command.js';

type More = (world: World, dice: Dice, on: number) => Partial<Deed>;

/** A command about a text: mostly about one that takes it. */
function about(name: string, weight: number, more: More = () => ({})): Command {
  const rule = textRules[name]!;
  const fits = ({ state, kind }: Text) => rule.from.includes(state) && rule.kinds.includes(kind);
  return {
    weight,
    choose: (world, dice) => {
      const on = choose(dice, world.texts, fits);
      return { by: somebody(dice, name, world.texts[on]?.turn ?? null), on, ...more(world, dice, on) };
    },
    judge: (world, deed) => ofText(world, deed, rule),
  };
}

const heads: More = (world, dice, on) => ({ named: named(dice, world, on) });
const signatures: More = (world, dice, on) => ({ ...heads(world, dice, on), signing: signing(dice) });
const writing: More = (world, dice, on) => ({ content: nextContent(dice, world, world.texts[on]) });

const stages = ['approver', 'approver', 'legal', 'compliance_lead'];

/** Negotiation, approval and signature. */
export const textCommands: Commands = {
  revise: about('revise', 1, writing),
  propose: about('propose', 12),
  submit: about('submit', 12),
  'counter-propose': about('counter-propose', 2, (world, dice, on) => ({
    ...heads(world, dice, on),
    ...writing(world, dice, on),
  })),
  accept: about('accept', 10, heads),
  decline: about('decline', 0.2),
  withdraw: about('withdraw', 0.2),
  return: about('return', 0.6),
  reopen: about('reopen', 0.8),
  approve: about('approve', 14, (world, dice, on) => ({ ...heads(world, dice, on), stage: dice.pick(stages) })),
  sign: about('sign', 14, signatures),
  countersign: about('countersign', 16, signatures),
  acknowledge: about('acknowledge', 16, heads),
};

const agreements = ({ texts }: World) => texts.map((text) => (text.kind === 'original' ? text : null));

/** Mostly an agreement under which something can be done. */
export function chooseAgreement(dice: Dice, world: World): number {
  return choose(dice, agreements(world), (text) => text !== null && current(text, world.now) !== null);
}

function amend(world: World, dice: Dice, on: number): Partial<Deed> {
  const { texts, now } = world;
  const apt = breachIsOpen(world, on) && dice.chance(50) ? 'protective' : null;
  const kind = apt ?? dice.pick<TextKind>(['material', 'material', 'material', 'administrative', 'protective']);
  const version = texts[on]?.versions.at(-1);
  const earliest = Math.max(now, (version?.from ?? now) + 1);
  const at = earliest + dice.pick([-day, 0, 0, 0, 1, day, 20 * day]);
  if (!version) return { kind, at, content: firstContent(dice, { now }) };
  return { kind, at, content: changed(dice, kind, version.content) };
}

/** Fewer drafts lead on when several texts are open. */
const room = ({ texts }: World) => texts.filter(({ state }) => openStates.includes(state)).length < 3;

/** How texts come about. */
export const draftCommands: Commands = {
  'draft agreement': {
    weight: 2,
    choose: (world, dice) => ({ by: somebody(dice, 'draft agreement'), on: 0, content: firstContent(dice, world) }),
    judge: draftAgreement,
  },
  'draft successor': {
    weight: 2,
    choose: (world, dice) => ({
      by: somebody(dice, 'draft successor'),
      on: 0,
      content: firstContent(dice, world),
      other: choose(dice, agreements(world), (text) => ['executed', 'terminated'].includes(text?.state ?? '')),
    }),
    judge: draftAgreement,
  },
  'draft amendment': {
    weight: 6,
    choose: (world, dice) => {
      const on = chooseAgreement(dice, world);
      return { by: somebody(dice, 'draft amendment'), on, ...amend(world, dice, on) };
    },
    judge: draftAmendment,
  },
};

/** Whether a command is one that leads on, as things stand: one more draft, or the end. */
export function leadsOn(command: string, world: World): boolean {
  if (command === 'propose termination') return world.texts.length > 6 || someNoticeIsRipe(world);
  if (!(command in draftCommands)) return true;
  const first = command === 'draft agreement' && world.texts.some(({ state }) => openStates.includes(state));
  return !first && room(world);
}

function someNoticeIsRipe({ notices, now }: World): boolean {
  return notices.some((notice) => (isOpenBreach(notice) ? cureBy(notice) : convenientFrom(notice)) <= now);
}

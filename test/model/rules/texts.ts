import { Deed } from '../deed.js';
import { Side } from '../people.js';
import { breachIsOpen, documentOf } from '../standing.js';
import { Ground, Happening, judged, refusedAs, Verdict } from '../verdict.js';
import { headOf, openStates, Text, TextKind, World } from '../world.js';
import { isUnfit } from './drafting.js';
import { absent, notPermitted } from './permitted.js';

/** What the design says of one command that a text takes. */
export interface TextRule {
  from: readonly string[];
  kinds: readonly TextKind[];
  grounds?: (world: World, text: Text, deed: Deed) => Ground[];
  effect: (happening: Happening, text: Text, deed: Deed) => void;
}

/** Negotiated and signed by both. */
export const whole: readonly TextKind[] = ['original', 'material'];
export const every: readonly TextKind[] = [...whole, 'administrative', 'protective'];

/** Judges a command about a text by its rule. */
export function ofText(world: World, deed: Deed, rule: TextRule): Verdict {
  const text = world.texts[deed.on];
  const hidden = text && deed.by.side === 'partner' && !text.shown;
  const gone = absent(deed, hidden ? null : text);
  if (gone || !text) return refusedAs(...(gone ?? []));
  const grounds: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', !rule.from.includes(text.state) || !rule.kinds.includes(text.kind)],
    ...(rule.grounds?.(world, text, deed) ?? []),
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    rule.effect(happening, happening.world.texts[deed.on]!, deed);
  });
}

/** The ground that a digest does not name the newest revision of a text. */
export function notHead(world: World, { named, on }: Deed, code: 'digest_mismatch' | 'stale_base'): Ground {
  const head = documentOf(world, on, world.texts[on]!.revisions.length - 1);
  return [code, !named || documentOf(world, named.text, named.revision) !== head];
}

/** The lab narrows alone only while a breach of which it gave notice is not cured. */
export function mayNotProtect(world: World, { kind, of }: Text): Ground {
  return ['move_not_allowed', kind === 'protective' && !breachIsOpen(world, of)];
}

const other = (side: Side): Side => (side === 'lab' ? 'partner' : 'lab');

const write = (text: Text, { by, content }: Deed): void => {
  text.revisions.push({ content: content!, author: by.id, side: by.side });
};

function end(command: 'decline' | 'withdraw', state: string): TextRule['effect'] {
  return (happening, _text, { on }) => happening.move(on, [command, state, state]);
}

/** From draft to acceptance, and the ways back and out. */
export const negotiation: Readonly<Record<string, TextRule>> = {
  revise: {
    from: ['draft'],
    kinds: every,
    grounds: (world, text, { content }) => [['invalid_request', isUnfit(world, text, content!)]],
    effect: (happening, text, deed) => {
      write(text, deed);
      happening.move(deed.on, ['revise', 'draft', 'revised']);
    },
  },
  propose: {
    from: ['draft'],
    kinds: whole,
    effect: (happening, text, { on, by }) => {
      text.shown = true;
      happening.move(on, ['propose', 'in_negotiation', 'proposed']);
      text.turn = other(by.side);
    },
  },
  submit: {
    from: ['draft', 'in_negotiation'],
    kinds: ['administrative', 'protective'],
    grounds: (world, text) => [['not_found', text.kind === 'original'], mayNotProtect(world, text)],
    effect: (happening, text, { on }) => {
      text.shown = true;
      text.round += 1;
      happening.move(on, ['submit', 'in_approval', 'submitted']);
    },
  },
  'counter-propose': {
    from: ['in_negotiation'],
    kinds: every,
    grounds: (world, text, deed) => [
      ['not_your_turn', text.turn !== deed.by.side],
      notHead(world, deed, 'stale_base'),
      ['invalid_request', isUnfit(world, text, deed.content!)],
    ],
    effect: (happening, text, deed) => {
      write(text, deed);
      happening.move(deed.on, ['counter_propose', 'in_negotiation', 'counter_proposed']);
      text.turn = whole.includes(text.kind) ? other(deed.by.side) : 'lab';
    },
  },
  accept: {
    from: ['in_negotiation'],
    kinds: whole,
    grounds: (world, text, deed) => [
      ['not_your_turn', text.turn !== deed.by.side || headOf(text).side === deed.by.side],
      notHead(world, deed, 'digest_mismatch'),
    ],
    effect: (happening, text, { on }) => {
      text.round += 1;
      happening.move(on, ['accept', 'in_approval', 'terms_accepted']);
    },
  },
  decline: {
    from: openStates.slice(1),
    kinds: [...whole, 'administrative'],
    effect: end('decline', 'declined'),
  },
  withdraw: { from: openStates, kinds: every, effect: end('withdraw', 'withdrawn') },
  return: {
    from: ['in_approval'],
    kinds: every,
    effect: (happening, text, { on }) => {
      happening.move(on, ['return', 'in_negotiation', 'changes_requested']);
      text.turn = 'lab';
    },
  },
  reopen: {
    from: ['out_for_signature'],
    kinds: every,
    grounds: (_world, { kind }, { by }) => [['forbidden', kind === 'protective' && by.side === 'partner']],
    effect: (happening, text, { on, by }) => {
      happening.move(on, ['reopen', 'in_negotiation', 'signatures_voided']);
      text.turn = whole.includes(text.kind) ? by.side : 'lab';
    },
  },
};

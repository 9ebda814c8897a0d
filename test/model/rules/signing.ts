import { Deed } from '../deed.js';
import { current } from '../standing.js';
import { Ground, Happening } from '../verdict.js';
import { headOf, minute, openStates, Text, World } from '../world.js';
import { mayNotProtect, notHead, TextRule, whole } from './texts.js';

const proofAgeMax = 5 * minute;

function signingGrounds(world: World, deed: Deed, party: 'evaluator' | 'provider'): Ground[] {
  const { round, signatures } = world.texts[deed.on]!;
  const { provedAgo, ownName } = deed.signing!;
  return [
    notHead(world, deed, 'digest_mismatch'),
    ['reauthentication_required', provedAgo === null || provedAgo > proofAgeMax],
    ['invalid_request', !ownName],
    ['already_exists', signatures.some((one) => one.round === round && one.party === party)],
  ];
}

function hasSigned({ signatures, round }: Text): boolean {
  return signatures.some((one) => one.round === round && one.party === 'evaluator');
}

/** An amendment is of an agreement that has neither expired nor ended. */
function notLive({ texts, now }: World, { kind, of }: Text): Ground {
  return ['move_not_allowed', kind !== 'original' && current(texts[of], now) === null];
}

/** There is a time for signing, which ends whether or not anybody has told. */
function tooLate({ now }: World, { signBy }: Text): Ground {
  return ['move_not_allowed', signBy !== null && signBy <= now];
}

/** A text whose own term is over has nothing left to hold. */
function isOver({ now }: World, text: Text): Ground {
  return ['move_not_allowed', headOf(text).content.until <= now];
}

/** What a text that has all it needs brings about: a version, and the end of what it takes the place of. */
function execute(happening: Happening, text: Text, on: number): void {
  const { now, texts } = happening.world;
  const { content } = headOf(text);
  const { versions } = texts[text.of]!;
  const agreed = text.base?.from ?? content.from;
  const from = Math.max(agreed, now);
  versions.push({ number: (text.base?.number ?? 0) + 1, text: on, content, from, executedAt: now });
  if (text.kind !== 'original') outdate(happening, text.of, on);
  if (text.supersedes !== null) supersede(happening, text.supersedes, from);
}

function supersede(happening: Happening, position: number, from: number): void {
  const predecessor = happening.world.texts[position]!;
  if (predecessor.state !== 'executed') return;
  predecessor.endedAt = from;
  happening.move(position, ['supersede', 'superseded', 'superseded']);
  outdate(happening, position, null);
}

/** Every other open amendment of an agreement was written against what is no longer the newest version. */
export function outdate(happening: Happening, agreement: number, executed: number | null): void {
  for (const [position, text] of happening.world.texts.entries()) {
    const isOther = text.of === agreement && text.kind !== 'original' && position !== executed;
    if (isOther && openStates.includes(text.state)) happening.move(position, ['outdate', 'stale', 'became_stale']);
  }
}

/** The partner signs first, by who has the authority on file, and the lab countersigns. */
export const signing: Readonly<Record<string, TextRule>> = {
  sign: {
    from: ['out_for_signature'],
    kinds: whole,
    grounds: (world, text, deed) => [
      tooLate(world, text),
      ...signingGrounds(world, deed, 'evaluator'),
      [
        'no_authority_to_sign',
        !world.partner!.contacts.some((one) => one.kind === 'signatory' && !one.removed && one.email === deed.by.email),
      ],
    ],
    effect: (happening, text, { by, on }) => {
      text.signatures.push({ round: text.round, party: 'evaluator', by: by.id });
      happening.move(on, ['sign', 'out_for_signature', 'signed_by_party']);
    },
  },
  countersign: {
    from: ['out_for_signature'],
    kinds: [...whole, 'protective'],
    grounds: (world, text, deed) => [
      tooLate(world, text),
      ...signingGrounds(world, deed, 'provider'),
      ['move_not_allowed', whole.includes(text.kind) && !hasSigned(text)],
      mayNotProtect(world, text),
      notLive(world, text),
      isOver(world, text),
    ],
    effect: (happening, text, { by, on }) => {
      text.signatures.push({ round: text.round, party: 'provider', by: by.id });
      happening.move(on, ['countersign', 'executed', 'executed']);
      execute(happening, text, on);
    },
  },
  acknowledge: {
    from: ['out_for_signature'],
    kinds: ['administrative'],
    grounds: (world, text, deed) => [
      ['not_found', text.kind === 'original'],
      tooLate(world, text),
      notHead(world, deed, 'digest_mismatch'),
      notLive(world, text),
      isOver(world, text),
    ],
    effect: (happening, text, { by, on }) => {
      text.signatures.push({ round: text.round, party: 'evaluator', by: by.id });
      happening.move(on, ['acknowledge', 'executed', 'acknowledged']);
      execute(happening, text, on);
    },
  },
};

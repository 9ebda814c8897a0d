import { Content, misfits } from '../content.js';
import { Deed } from '../deed.js';
import { current } from '../standing.js';
import { Ground, judged, refusedAs, Verdict } from '../verdict.js';
import { Text, TextKind, World } from '../world.js';
import { absent, notPermitted } from './permitted.js';

/** The lab drafts an agreement with an active partner, perhaps in the place of an earlier one. */
export function draftAgreement(world: World, deed: Deed): Verdict {
  const gone = absent(deed, world.partner);
  if (gone || !world.partner) return refusedAs(...(gone ?? []));
  const { content, other = null } = deed;
  const grounds: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', world.partner.state !== 'active'],
    ['invalid_request', content!.broken],
    ...successionGrounds(world, other),
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    const on = happening.world.texts.length;
    happening.world.texts.push({ ...newText('original', on, deed), supersedes: other });
    happening.move(on, ['create', 'draft', 'drafted']);
  });
}

/** A predecessor is an agreement that was executed, terminated or not, and that nothing else succeeds. */
function successionGrounds({ texts }: World, other: number | null): Ground[] {
  if (other === null) return [];
  const predecessor = texts[other];
  const fits = predecessor?.kind === 'original' && ['executed', 'terminated'].includes(predecessor.state);
  const over = ['withdrawn', 'declined', 'lapsed'];
  return [
    ['invalid_request', !fits],
    ['already_exists', texts.some(({ supersedes, state }) => supersedes === other && !over.includes(state))],
  ];
}

/** The lab drafts a change of the newest version of an agreement that has not ended. */
export function draftAmendment(world: World, deed: Deed): Verdict {
  const agreement = world.texts[deed.on];
  const gone = absent(deed, agreement?.kind === 'original' ? agreement : null);
  if (gone || !agreement) return refusedAs(...(gone ?? []));
  const base = agreement.versions.at(-1);
  if (!base || !current(agreement, world.now))
    return judged(world, '', [notPermitted(deed), ['move_not_allowed', true]], () => undefined);
  const { content, at, kind } = deed;
  const grounds: Ground[] = [
    notPermitted(deed),
    ['invalid_request', at! < world.now || at! <= base.from || at! >= base.content.until],
    ['invalid_request', content!.broken || content!.until <= at! || misfits(kind as TextKind, base.content, content!)],
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    const on = happening.world.texts.length;
    const text = newText(kind as TextKind, deed.on, deed);
    happening.world.texts.push({ ...text, base: { number: base.number, from: at! } });
    happening.move(on, ['create', 'draft', 'drafted']);
  });
}

function newText(kind: TextKind, of: number, { content, by }: Deed): Text {
  return {
    kind,
    of,
    state: 'new',
    turn: null,
    round: 0,
    signBy: null,
    shown: false,
    revisions: [{ content: content!, author: by.id, side: 'lab' }],
    approvals: [],
    signatures: [],
    base: null,
    supersedes: null,
    endedAt: null,
    versions: [],
    past: [],
  };
}

/** Whether a content cannot be the next revision of a text. */
export function isUnfit({ texts }: World, { kind, of, base }: Text, content: Content): boolean {
  if (content.broken) return true;
  if (base !== null && content.until <= base.from) return true;
  return base !== null && misfits(kind, texts[of]!.versions[base.number - 1]!.content, content);
}

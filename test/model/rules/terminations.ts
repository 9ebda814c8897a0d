import { ProblemCode } from '../../../src/kernel/problems.js';
import { Deed } from '../deed.js';
import { convenientFrom, current, cureBy, isOpenBreach } from '../standing.js';
import { Ground, judged, refusedAs, Verdict } from '../verdict.js';
import { Notice, Termination, World } from '../world.js';
import { absent, notPermitted } from './permitted.js';
import { outdate } from './signing.js';

type Proposal = Pick<Termination, 'agreement' | 'kind' | 'side' | 'notice'>;

/** Why an agreement cannot be ended so at this instant. */
function grounds(world: World, proposal: Proposal): Ground[] {
  const agreement = world.texts[proposal.agreement]!;
  const version = current(agreement, world.now);
  if (agreement.state !== 'executed' || version === null) return [['move_not_allowed', true]];
  const { kind, side } = proposal;
  if (kind === 'mutual') return [['invalid_request', proposal.notice !== null]];
  const notice = proposal.notice === null ? undefined : world.notices[proposal.notice];
  const cause = kind === 'for_cause';
  const outside: Ground = ['outside_agreement', cause && !version.content.forCause];
  if (notice?.agreement !== proposal.agreement || notice.side !== side) return [outside, ['invalid_request', true]];
  return [outside, ...noticeGrounds(world.now, cause, notice)];
}

/** For cause, the cure of a breach has lapsed; for convenience, the days of notice have passed. */
function noticeGrounds(now: number, cause: boolean, notice: Notice): Ground[] {
  const carries = cause ? isOpenBreach(notice) : notice.kind === 'termination' && notice.state !== 'withdrawn';
  const code: ProblemCode = 'too_early';
  const from = cause ? cureBy(notice) : convenientFrom(notice);
  return carries ? [[code, now < from]] : [['invalid_request', true]];
}

/** The first person of a termination. */
export function proposeTermination(world: World, deed: Deed): Verdict {
  const agreement = world.texts[deed.on];
  const exists = agreement?.kind === 'original' && (deed.by.side === 'lab' || agreement.shown);
  const gone = absent(deed, exists ? agreement : null);
  if (gone) return refusedAs(...gone);
  const proposal: Proposal = {
    agreement: deed.on,
    kind: deed.kind as Termination['kind'],
    side: deed.by.side,
    notice: deed.other ?? null,
  };
  return judged(world, deed.by.id, [notPermitted(deed), ...grounds(world, proposal)], (happening) => {
    const { terminations } = happening.world;
    happening.tell('termination.proposed', `termination ${terminations.length}`);
    terminations.push({ ...proposal, state: 'proposed', by: deed.by.id });
  });
}

/** The second: of the same party, or of the other where both agree. It ends the agreement at once. */
export function confirmTermination(world: World, deed: Deed): Verdict {
  const termination = world.terminations[deed.on];
  const gone = absent(deed, termination);
  if (gone || !termination) return refusedAs(...(gone ?? []));
  const { by, kind, side, state, agreement } = termination;
  const all: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', state !== 'proposed'],
    ['separation_of_duties', deed.by.id === by],
    ['forbidden', (deed.by.side === side) === (kind === 'mutual')],
    ...grounds(world, termination),
  ];
  return judged(world, deed.by.id, all, (happening) => {
    happening.world.terminations[deed.on]!.state = 'confirmed';
    happening.tell('termination.confirmed', `termination ${deed.on}`);
    happening.world.texts[agreement]!.endedAt = world.now;
    happening.move(agreement, ['terminate', 'terminated', 'terminated']);
    outdate(happening, agreement, null);
  });
}

/** The party that proposed it withdraws it. */
export function withdrawTermination(world: World, deed: Deed): Verdict {
  const termination = world.terminations[deed.on];
  const gone = absent(deed, termination);
  if (gone || !termination) return refusedAs(...(gone ?? []));
  const all: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', termination.state !== 'proposed'],
    ['forbidden', deed.by.side !== termination.side],
  ];
  return judged(world, deed.by.id, all, (happening) => {
    happening.world.terminations[deed.on]!.state = 'withdrawn';
    happening.tell('termination.withdrawn', `termination ${deed.on}`);
  });
}

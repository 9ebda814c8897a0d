import { fixedTerms } from '../content.js';
import { Deed } from '../deed.js';
import { current } from '../standing.js';
import { Ground, judged, refusedAs, Verdict } from '../verdict.js';
import { Suspension, World } from '../world.js';
import { absent, notPermitted } from './permitted.js';

/** What can be stopped within an agreement, by the words of the terms. */
export const stoppable = {
  purpose: ['robustness', 'robustness.jailbreak'],
  model: ['atlas-2', 'atlas-2-2026-03-01', 'atlas-2-code'],
} as const;

/** One person of the lab stops all of the organisation, whatever it is. */
export function suspendOrganisation(world: World, deed: Deed): Verdict {
  const gone = absent(deed, world.partner);
  if (gone) return refusedAs(...gone);
  return judged(world, deed.by.id, [notPermitted(deed)], (happening) => {
    happening.tell('organisation.suspended', `suspension ${world.suspensions.length}`);
    happening.world.suspensions.push(stop('organisation', null, world.now));
  });
}

/** One person stops an agreement, or a purpose or model of it; because of a breach, after the notice that it needs. */
export function suspendWithin(world: World, deed: Deed): Verdict {
  const agreement = world.texts[deed.on];
  const exists = agreement?.kind === 'original' && (deed.by.side === 'lab' || agreement.shown);
  const gone = absent(deed, exists ? agreement : null);
  if (gone) return refusedAs(...gone);
  const scope = deed.command.replace('suspend ', '') as Suspension['scope'];
  const known: readonly string[] = scope === 'agreement' ? [] : stoppable[scope as 'purpose' | 'model'];
  const grounds: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', current(agreement, world.now) === null],
    ['invalid_request', scope !== 'agreement' && !known.includes(deed.target ?? '')],
    ['notice_required', needsNotice(world, deed)],
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    happening.tell(`${scope}.suspended`, `suspension ${world.suspensions.length}`);
    happening.world.suspensions.push(stop(scope, deed.on, world.now));
  });
}

function needsNotice({ notices }: World, { reason, use, other = null, on }: Deed): boolean {
  if (reason !== 'suspected_breach' && reason !== 'confirmed_breach') return false;
  if (use === fixedTerms.withoutNotice) return false;
  const notice = other === null ? undefined : notices[other];
  const carries = notice?.agreement === on && notice.kind === 'breach' && notice.side === 'lab';
  return !carries || notice.state === 'withdrawn';
}

function stop(scope: Suspension['scope'], agreement: number | null, at: number): Suspension {
  return { scope, agreement, at, liftProposedBy: null, liftedAt: null };
}

/** Two people of the party that stopped resume: one proposes, another lifts. */
export function proposeLift(world: World, deed: Deed): Verdict {
  return lifting(world, deed, ({ liftProposedBy }) => [['move_not_allowed', liftProposedBy !== null]]);
}

export function lift(world: World, deed: Deed): Verdict {
  return lifting(world, deed, ({ liftProposedBy }) => [
    ['move_not_allowed', liftProposedBy === null],
    ['separation_of_duties', liftProposedBy === deed.by.id],
  ]);
}

function lifting(world: World, deed: Deed, more: (stopped: Suspension) => Ground[]): Verdict {
  const stopped = world.suspensions[deed.on];
  const gone = absent(deed, stopped);
  if (gone || !stopped) return refusedAs(...(gone ?? []));
  const grounds: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', stopped.liftedAt !== null],
    ['forbidden', deed.by.side !== 'lab'],
    ...more(stopped),
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    const changed = happening.world.suspensions[deed.on]!;
    if (deed.command === 'lift') changed.liftedAt = world.now;
    else changed.liftProposedBy = deed.by.id;
    const event = deed.command === 'lift' ? 'lifted' : 'lift_proposed';
    happening.tell(`suspension.${event}`, `suspension ${deed.on}`);
  });
}

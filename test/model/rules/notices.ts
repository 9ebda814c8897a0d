import { fixedTerms } from '../content.js';
import { Deed } from '../deed.js';
import { current, deemedAt } from '../standing.js';
import { Ground, judged, refusedAs, Verdict } from '../verdict.js';
import { Notice, World } from '../world.js';
import { absent, notPermitted } from './permitted.js';

/** A notice is served under the terms in force; of a breach it starts a cure, where there can be one. */
export function serve(world: World, deed: Deed): Verdict {
  const agreement = world.texts[deed.on];
  const exists = agreement?.kind === 'original' && (deed.by.side === 'lab' || agreement.shown);
  const gone = absent(deed, exists ? agreement : null);
  if (gone) return refusedAs(...gone);
  const { use = null, kind } = deed;
  const unknown = use !== null && (kind !== 'breach' || fixedTerms.uses[use] === undefined);
  const grounds: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', current(agreement, world.now) === null],
    ['invalid_request', unknown],
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    const { notices, now } = happening.world;
    const cureDays = use !== null && !fixedTerms.uses[use] ? 0 : fixedTerms.cureDays;
    happening.tell('notice.served', `notice ${notices.length}`);
    notices.push({
      agreement: deed.on,
      kind: kind as Notice['kind'],
      state: 'served',
      side: deed.by.side,
      deemedAt: deemedAt(now),
      acknowledgedAt: null,
      settledAt: null,
      cureDays: kind === 'breach' ? cureDays : null,
    });
  });
}

interface Rule {
  from: readonly Notice['state'][];
  to: Notice['state'];
  event: string;
  /** Whether it is for the party that was served, rather than for the one that served. */
  answers: boolean;
  ofBreach?: true;
}

const open: readonly Notice['state'][] = ['served', 'acknowledged', 'remedied'];

const rules: Readonly<Record<string, Rule>> = {
  'acknowledge notice': { from: ['served'], to: 'acknowledged', event: 'acknowledged', answers: true },
  remedy: { from: ['served', 'acknowledged'], to: 'remedied', event: 'remedied', answers: true, ofBreach: true },
  'accept remedy': { from: ['remedied'], to: 'cured', event: 'cured', answers: false },
  'reject remedy': { from: ['remedied'], to: 'acknowledged', event: 'remedy_rejected', answers: false },
  'withdraw notice': { from: open, to: 'withdrawn', event: 'withdrawn', answers: false },
};

/** Who was served answers; who served decides. */
export function ofNotice(world: World, deed: Deed): Verdict {
  const notice = world.notices[deed.on];
  const gone = absent(deed, notice);
  if (gone || !notice) return refusedAs(...(gone ?? []));
  const { from, to, event, answers, ofBreach = false } = rules[deed.command]!;
  const grounds: Ground[] = [
    notPermitted(deed),
    ['move_not_allowed', !from.includes(notice.state) || (ofBreach && notice.kind !== 'breach')],
    ['forbidden', (deed.by.side !== notice.side) !== answers],
  ];
  return judged(world, deed.by.id, grounds, (happening) => {
    const changed = happening.world.notices[deed.on]!;
    changed.state = to;
    if (to === 'cured' || to === 'withdrawn') changed.settledAt = world.now;
    if (answers) changed.acknowledgedAt ??= world.now;
    happening.tell(`notice.${event}`, `notice ${deed.on}`);
  });
}

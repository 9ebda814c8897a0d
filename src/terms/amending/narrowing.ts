import { childPointer } from '../../kernel/json-pointer.js';
import { fixed, noEarlier, noHigher, noLater, noLooser, noLower, nothingNew, widened } from './comparisons.js';
import type { AmendmentFault } from './faults.js';
import { networksNarrow } from './network-narrowing.js';
import { autoApprovalNarrows, purposesNarrow } from './purpose-narrowing.js';
import { quotasNarrow } from './quota-narrowing.js';
import type { ModelInScope, Prohibition, Terms } from '../terms.js';

type Rule = (before: Terms, after: Terms) => AmendmentFault[];

/** The blocks in which something may be narrowed, each with the rule that says how. Whatever else changes is a fault. */
const NARROWABLE = {
  purposes: purposesNarrow,
  prohibitedUses: prohibitionsNarrow,
  scope: scopeNarrows,
  quotas: quotasNarrow,
  networks: networksNarrow,
  roster: rosterNarrows,
  keys: keysNarrow,
  evaluationSets: evaluationSetsNarrow,
} as const satisfies Partial<Record<keyof Terms, Rule>>;

/**
 * What is wider in `after` than in `before`, or changed in another way than by narrowing; empty when `after` permits
 * nothing that `before` did not, so that `evaluate` never allows under it what it denied before. Both must be checked.
 */
export function widenings(before: Terms, after: Terms): AmendmentFault[] {
  const narrowable: (keyof typeof NARROWABLE)[] = Object.keys(NARROWABLE) as (keyof typeof NARROWABLE)[];
  return [
    ...fixed('/terms', before, after, narrowable),
    ...narrowable.flatMap((block) => NARROWABLE[block](before, after)),
  ];
}

/** Prohibitions may be added, and become stricter. */
function prohibitionsNarrow(before: Terms, after: Terms): AmendmentFault[] {
  const place = '/terms/prohibitedUses';
  return before.prohibitedUses.flatMap((was) => {
    const index = after.prohibitedUses.findIndex(({ code }) => code === was.code);
    const is = after.prohibitedUses[index];
    if (is === undefined) return [widened(place, `${was.code} would no longer be prohibited.`, `${was.code} as well`)];
    return prohibitionNarrows(childPointer(place, index), was, is);
  });
}

function prohibitionNarrows(place: string, before: Prohibition, after: Prohibition): AmendmentFault[] {
  return [
    ...fixed(place, before, after, ['curable', 'response']),
    ...noLooser(`${place}/curable`, [true, false], before.curable, after.curable),
    ...noLooser(`${place}/response`, ['finding', 'throttle', 'suspend_key'], before.response, after.response),
  ];
}

/** Models, capabilities and endpoints may leave the scope, and models be in it for a shorter time. */
function scopeNarrows({ scope: before }: Terms, { scope: after }: Terms): AmendmentFault[] {
  return [
    ...fixed('/terms/scope', before, after, ['models', 'capabilities', 'endpoints']),
    ...after.models.flatMap((model, index) => modelNarrows(`/terms/scope/models/${index}`, before.models, model)),
    ...nothingNew('/terms/scope/capabilities', before.capabilities, after.capabilities),
    ...nothingNew('/terms/scope/endpoints', before.endpoints, after.endpoints),
  ];
}

/** The model of a snapshot stays what it was, or a quota on that model would no longer count the snapshot. */
function modelNarrows(place: string, models: readonly ModelInScope[], after: ModelInScope): AmendmentFault[] {
  const before = models.find(({ snapshot }) => snapshot === after.snapshot);
  if (before === undefined) {
    return [widened(place, `${after.snapshot} was not in scope before.`, 'a snapshot in scope before')];
  }
  return [
    ...fixed(place, before, after, ['from', 'until']),
    ...noEarlier(`${place}/from`, before.from, after.from),
    ...noLater(`${place}/until`, before.until, after.until),
  ];
}

function rosterNarrows({ roster: before }: Terms, { roster: after }: Terms): AmendmentFault[] {
  const [place, team] = ['/terms/roster', '/terms/roster/cleanTeam'];
  const [was, is] = [before.cleanTeam, after.cleanTeam];
  return [
    ...fixed(place, before, after, ['maxResearchers', 'emailDomains', 'cleanTeam']),
    ...noHigher(`${place}/maxResearchers`, before.maxResearchers, after.maxResearchers),
    ...nothingNew(`${place}/emailDomains`, before.emailDomains, after.emailDomains),
    ...fixed(team, was, is, ['required', 'coolingOffDays']),
    ...noLooser(`${team}/required`, [false, true], was.required, is.required),
    ...noLower(`${team}/coolingOffDays`, was.coolingOffDays, is.coolingOffDays),
  ];
}

const KEY_LIMITS = [
  'maxActiveTotal',
  'maxActivePerResearcher',
  'maxLifetimeDays',
  'rotationDays',
  'idleRevokeDays',
] as const;

function keysNarrow({ keys: before }: Terms, { keys: after }: Terms): AmendmentFault[] {
  return [
    ...fixed('/terms/keys', before, after, [...KEY_LIMITS, 'autoApprove']),
    ...KEY_LIMITS.flatMap((limit) => noHigher(`/terms/keys/${limit}`, before[limit], after[limit])),
    ...autoApprovalNarrows(before.autoApprove, after.autoApprove),
  ];
}

function evaluationSetsNarrow({ evaluationSets: before }: Terms, { evaluationSets: after }: Terms): AmendmentFault[] {
  const place = '/terms/evaluationSets';
  const [was, is] = [before.capabilityBenchmarks, after.capabilityBenchmarks];
  return [
    ...fixed(place, before, after, ['permitted', 'capabilityBenchmarks']),
    ...nothingNew(`${place}/permitted`, before.permitted, after.permitted),
    ...noLooser(`${place}/capabilityBenchmarks`, ['allowed', 'registered_only', 'forbidden'], was, is),
  ];
}

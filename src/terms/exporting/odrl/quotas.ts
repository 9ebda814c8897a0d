import type { Quota, QuotaWindow } from '../../terms.js';
import {
  constraint,
  decimalOfMicroUnits,
  duration,
  inProfile,
  integer,
  iri,
  listOf,
  originOf,
  type NamedNode,
  type Node,
} from './nodes.js';
import { currencyOf, purposeOf, unitOf } from './profile.js';
import type { References } from './references.js';

/** The length of each unit of a window, as an ISO 8601 duration. */
const LENGTHS = { minute: 'PT1M', hour: 'PT1H', day: 'P1D', week: 'P7D', month: 'P1M' } as const;

/**
 * One quota as a logical constraint: an amount, what it counts and over how long, all at once. `count` has the unit of
 * `unitOfCount`; money is a `payAmount` in units of its currency.
 *
 * ODRL's `timeInterval` recurs and its `elapsedTime` runs on, so they stand for calendar and rolling windows; a quota
 * for the whole term has neither. ODRL cannot say in which zone a calendar day begins, whose use is counted together,
 * what happens at the limit, who is told before it, or that only some of the use counts: those are words of the
 * profile. The same quota is one node, however many permissions refer to it, because they all draw on one count.
 */
export function quotaConstraint(quota: Quota, references: References): NamedNode {
  const { modelId, purpose } = quota.filter;
  return {
    '@type': 'LogicalConstraint',
    uid: quotaUid(quota, references),
    ...originOf(quota),
    and: listOf([
      limitOf(quota),
      constraint(['unitOfCount', 'eq', iri(unitOf(quota.metric))], {}),
      ...intervals(quota.window),
    ]),
    'parley:countedFor': quota.scope,
    'parley:enforcement': quota.enforcement,
    'parley:notifyAtPercent': inProfile(quota.notifyAtPercent),
    'parley:window': inProfile(quota.window),
    ...(modelId === undefined ? {} : { 'parley:onlyModel': modelId }),
    ...(purpose === undefined ? {} : { 'parley:onlyPurpose': iri(purposeOf(purpose)) }),
  };
}

/** The IRI by which permissions refer to a quota. */
export function quotaUid({ id }: Quota, references: References): string {
  return references.within(`quota/${id}`);
}

function limitOf({ limit, currency }: Quota): Node {
  if (currency === undefined) return constraint(['count', 'lteq', integer(limit)], {});
  return constraint(['payAmount', 'lteq', decimalOfMicroUnits(limit)], { unit: iri(currencyOf(currency)) });
}

function intervals(window: QuotaWindow): Node[] {
  if (window.kind === 'term') return [];
  const operand = window.kind === 'calendar' ? 'timeInterval' : 'elapsedTime';
  return [constraint([operand, 'eq', duration(LENGTHS[window.unit])], {})];
}

import * as fc from 'fast-check';
import { PURPOSE_CODES, covers } from '../../../src/terms/purposes.js';
import type { Quota, Terms } from '../../../src/terms/terms.js';
import { edited } from '../edited.js';
import { exampleTerms } from '../example-terms.js';

/** One change of terms. A step that finds nothing to change gives back the terms as they are. */
export type Step = (terms: Terms) => Terms;

const set =
  (pointer: string, value: unknown): Step =>
  (terms) =>
    edited(terms, pointer, value);
const at = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((place, token) => Reflect.get(Object(place), token), value);
const listAt = (terms: Terms, pointer: string): unknown[] => {
  const list = at(terms, pointer);
  return Array.isArray(list) ? list : [];
};

/** The example, and the example with what is wide in it wider, so that narrowing has something to take away. */
const wide: Terms = [
  set('/networks/cidrs', 'any'),
  set('/purposes/permitted/3', { code: 'benchmark.capability', conditions: [] }),
  set('/evaluationSets/capabilityBenchmarks', 'allowed'),
  set('/purposes/permitted/4', { code: 'propensity.sycophancy', conditions: [{ code: 'no_product_use' }] }),
].reduce((terms, step) => step(terms), exampleTerms);
export const bases = fc.constantFrom(exampleTerms, wide);

const lists = fc.constantFrom(
  '/purposes/permitted',
  '/scope/models',
  '/scope/capabilities',
  '/scope/endpoints',
  '/networks/cidrs',
  '/roster/emailDomains',
  '/evaluationSets/permitted',
  '/keys/autoApprove/purposes',
);
const removal = fc.tuple(lists, fc.nat(5)).map(([list, index]): Step => {
  return (terms) =>
    index < listAt(terms, list).length ? set(list, listAt(terms, list).toSpliced(index, 1))(terms) : terms;
});
/** A quota that counts only what is no longer in scope has to go with it. */
const deadQuotas: Step = (terms) => ({
  ...terms,
  quotas: terms.quotas.filter(
    ({ filter: { modelId, purpose } }) =>
      (modelId === undefined || terms.scope.models.some((model) => model.modelId === modelId)) &&
      (purpose === undefined ||
        terms.purposes.permitted.some(({ code }) => covers(code, purpose) || covers(purpose, code))),
  ),
});

const limits = fc.constantFrom(
  '/quotas/0/limit',
  '/quotas/1/limit',
  '/quotas/3/limit',
  '/roster/maxResearchers',
  '/keys/maxActiveTotal',
  '/keys/maxActivePerResearcher',
  '/keys/maxLifetimeDays',
  '/keys/rotationDays',
  '/keys/idleRevokeDays',
  '/keys/autoApprove/maxLifetimeDays',
);
const lowering = fc.tuple(limits, fc.nat(100)).map(([limit, percent]): Step => {
  return (terms) => {
    const value = at(terms, limit);
    return typeof value === 'number' ? set(limit, Math.floor((value * percent) / 100))(terms) : terms;
  };
});

const codes = fc.constantFrom(...PURPOSE_CODES);
const prohibiting = codes.map((code): Step => {
  const prohibition = { code, clauseRef: '3.9', heldBy: 'enforced', curable: true, response: 'finding' } as const;
  return (terms) =>
    terms.prohibitedUses.some((other) => other.code === code)
      ? terms
      : { ...terms, prohibitedUses: [...terms.prohibitedUses, prohibition] };
});
/** A permitted parent gives way to one of its children, or stays with one condition more. */
const specifying = fc.tuple(fc.nat(4), codes, fc.boolean()).map(([index, code, limited]): Step => {
  return (terms) => {
    const grant = terms.purposes.permitted[index];
    if (grant === undefined) return terms;
    const child = covers(grant.code, code) && code !== 'benchmark.capability' ? code : grant.code;
    const more = limited ? [{ code: 'time_limited' as const, value: '2026-03-31T00:00:00Z' }] : [];
    return set(`/purposes/permitted/${index}`, { code: child, conditions: [...more, ...grant.conditions] })(terms);
  };
});
const shortening = fc
  .tuple(fc.nat(1), fc.constantFrom('2026-03-20T00:00:00Z', '2026-04-02T00:00:00.000Z'))
  .map(([index, instant]): Step => (terms) => {
    const model = terms.scope.models[index];
    if (model === undefined || !(model.from < instant && instant < model.until)) return terms;
    return set(`/scope/models/${index}/${index === 0 ? 'from' : 'until'}`, instant)(terms);
  });
const quotas = fc.record({
  id: fc.constantFrom('extra', 'aside'),
  clauseRef: fc.constant('5.9'),
  heldBy: fc.constant('enforced' as const),
  metric: fc.constantFrom('requests' as const, 'total_tokens' as const),
  limit: fc.nat(10_000),
  window: fc.constant({ kind: 'term' as const }),
  scope: fc.constantFrom('key' as const, 'agreement' as const),
  filter: fc.constantFrom({}, { modelId: 'aurora-4' }, { purpose: 'propensity' as const }),
  enforcement: fc.constant('hard' as const),
  notifyAtPercent: fc.constant([]),
});
const counting = quotas.map((quota: Quota): Step => {
  return (terms) =>
    terms.quotas.some(({ id }) => id === quota.id) ? terms : { ...terms, quotas: [...terms.quotas, quota] };
});
const watched: Step = (terms) => ({
  ...terms,
  quotas: terms.quotas.map((quota): Quota => ({ ...quota, enforcement: 'hard', heldBy: 'enforced' })),
});
const single = fc.constantFrom<Step>(
  set('/networks/cidrs', ['198.51.100.0/26', '2001:db8:77:1::/64']),
  set('/networks/cidrs', []),
  set('/keys/autoApprove', null),
  set('/evaluationSets/capabilityBenchmarks', 'forbidden'),
  set('/roster/cleanTeam/coolingOffDays', 120),
  set('/prohibitedUses/2/curable', false),
  set('/prohibitedUses/2/response', 'suspend_key'),
  set('/prohibitedUses/4/response', 'suspend_key'),
  watched,
);

const steps = fc.oneof(removal, lowering, prohibiting, specifying, shortening, counting, single);
/** Several narrowings, one after the other. */
export const narrowings = fc.array(steps, { maxLength: 6 }).map(
  (some): Step =>
    (terms) =>
      deadQuotas(some.reduce((so, step) => step(so), terms)),
);

/** One widening, with the place at which it shows in whatever narrowed example it is applied to. */
export const widenings: fc.Arbitrary<[string, Step]> = fc.constantFrom<[string, Step][]>(
  ['/terms/scope/endpoints', (terms) => set(`/scope/endpoints/${terms.scope.endpoints.length}`, 'files')(terms)],
  [
    '/terms/scope/capabilities',
    (terms) => set(`/scope/capabilities/${terms.scope.capabilities.length}`, 'batch')(terms),
  ],
  [
    '/terms/scope/models',
    (terms) => set('/scope/models/0', { ...exampleTerms.scope.models[0], snapshot: 'b-1' })(terms),
  ],
  ['/terms/scope/models', (terms) => set('/scope/models/0', { ...exampleTerms.scope.models[0], modelId: 'x' })(terms)],
  [
    '/terms/scope/models',
    (terms) => set('/scope/models/0', { ...exampleTerms.scope.models[0], from: '2025-12-31T23:59:59.999Z' })(terms),
  ],
  ['/terms/scope/safeguardProfile', set('/scope/safeguardProfile', 'none')],
  ['/terms/purposes/permitted', set('/purposes/permitted/0', { code: 'harm.bias', conditions: [] })],
  ['/terms/purposes/permitted', set('/purposes/permitted/0', { code: 'robustness', conditions: [] })],
  ['/terms/purposes/permitted', set('/purposes/permitted/0', { code: 'propensity', conditions: [] })],
  ['/terms/prohibitedUses', (terms) => ({ ...terms, prohibitedUses: terms.prohibitedUses.slice(1) })],
  ['/terms/prohibitedUses/0/curable', set('/prohibitedUses/0/curable', true)],
  ['/terms/prohibitedUses/1/response', set('/prohibitedUses/1/response', 'throttle')],
  ['/terms/quotas', (terms) => ({ ...terms, quotas: terms.quotas.filter(({ id }) => id !== 'monthly-output') })],
  ['/terms/quotas/0/limit', set('/quotas/0/limit', 50_000_001)],
  ['/terms/quotas/0/window', set('/quotas/0/window', { kind: 'calendar', unit: 'day', timezone: 'UTC' })],
  ['/terms/quotas/0/filter', set('/quotas/0/filter', { purpose: 'propensity' })],
  ['/terms/quotas/0/scope', set('/quotas/0/scope', 'key')],
  ['/terms/quotas/0/metric', set('/quotas/0/metric', 'requests')],
  ['/terms/quotas/0/enforcement', set('/quotas/0/enforcement', 'soft')],
  ['/terms/roster/maxResearchers', set('/roster/maxResearchers', 13)],
  ['/terms/roster/emailDomains', set('/roster/emailDomains/0', 'other.example')],
  ['/terms/roster/cleanTeam/required', set('/roster/cleanTeam/required', false)],
  ['/terms/roster/cleanTeam/coolingOffDays', set('/roster/cleanTeam/coolingOffDays', 89)],
  ['/terms/keys/maxLifetimeDays', set('/keys/maxLifetimeDays', 61)],
  ['/terms/keys/autoApprove', set('/keys/autoApprove', { maxLifetimeDays: 8, purposes: [] })],
  ['/terms/keys/autoApprove', set('/keys/autoApprove', { maxLifetimeDays: 1, purposes: ['propensity'] })],
  ['/terms/evaluationSets/permitted', set('/evaluationSets/permitted/0', 'mmlu-pro')],
  ['/terms/term/expiresAt', set('/term/expiresAt', '2026-06-01T00:00:00Z')],
  ['/terms/cure/protectiveAmendments', set('/cure/protectiveAmendments', true)],
  ['/terms/publication/grounds', set('/publication/grounds/2', 'third_party_rights')],
);

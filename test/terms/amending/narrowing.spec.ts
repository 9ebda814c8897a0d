import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widenings } from '../../../src/terms/amending/narrowing.js';
import { evaluate } from '../../../src/terms/deciding/evaluate.js';
import type { Terms } from '../../../src/terms/terms.js';
import { edited } from '../edited.js';
import { exampleTerms } from '../example-terms.js';
import { contexts, instants } from './random-contexts.js';
import { bases, narrowings, widenings as oneWidening } from './random-terms.js';

const RANK = { deny: 0, review: 1, allow: 2 };
const found = (after: Terms, before = exampleTerms): string[] =>
  widenings(before, after).map(({ code, pointer }) => `${code} ${pointer}`);
const withEdit = (pointer: string, value: unknown): string[] => found(edited(exampleTerms, pointer, value));

/** Every place that holds a text, a number, a truth value or null. */
function leaves(value: unknown, pointer = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object') return [[pointer, value]];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, `${pointer}/${key}`));
}

function another(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  return typeof value === 'number' ? value + 1 : `${String(value)}x`;
}

describe('a narrowing', () => {
  it('is seen in equal terms, and in whatever is only taken away', () => {
    fc.assert(
      fc.property(bases, narrowings, (before, narrow) => {
        expect(widenings(before, structuredClone(before))).toEqual([]);
        expect(widenings(before, narrow(before))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('never turns a deny of the old terms into an allow, nor a review', () => {
    let denied = 0;
    fc.assert(
      fc.property(bases, narrowings, contexts, instants, (before, narrow, context, at) => {
        const [old, now] = [before, narrow(before)].map((terms) => evaluate(terms, context, at).outcome);
        expect(RANK[now!]).toBeLessThanOrEqual(RANK[old!]);
        if (old !== 'deny' && now === 'deny') denied += 1;
      }),
      { numRuns: 3_000 },
    );
    // The contexts must reach what narrowing takes away, or the promise above would be an empty one.

    expect(denied).toBeGreaterThan(100);
  });

  it('is never seen between two texts of which the later lets through what the earlier denies', () => {
    const texts = fc
      .tuple(bases, narrowings, narrowings)
      .map(([base, one, other]) => [one(base), other(base)] as const);
    let loosened = 0;
    fc.assert(
      fc.property(texts, contexts, instants, ([before, after], context, at) => {
        const [old, now] = [before, after].map((terms) => evaluate(terms, context, at).outcome);
        if (RANK[now!] <= RANK[old!]) return;
        loosened += 1;
        expect(widenings(before, after)).not.toEqual([]);
      }),
      { numRuns: 3_000 },
    );
    expect(loosened).toBeGreaterThan(50);
  });

  it('is never seen in a widening, whatever is narrowed beside it', () => {
    fc.assert(
      fc.property(oneWidening, fc.option(narrowings), ([place, widen], narrow) => {
        const after = widen(narrow ? narrow(exampleTerms) : exampleTerms);
        expect(
          found(after).some((fault) => fault.includes(` ${place}`)),
          `${place}: ${found(after).join()}`,
        ).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is never seen in another value at any one place, but for a longer cooling-off and a use made incurable', () => {
    const places = leaves(exampleTerms);
    expect(places.length).toBeGreaterThan(180);
    const unseen = places.filter(([pointer, value]) => withEdit(pointer, another(value)).length === 0);
    expect(unseen.map(([pointer]) => pointer)).toEqual([
      '/prohibitedUses/2/curable',
      '/prohibitedUses/3/curable',
      '/prohibitedUses/4/curable',
      '/prohibitedUses/5/curable',
      '/roster/cleanTeam/coolingOffDays',
    ]);
  });

  it.each<[string, string, unknown]>([
    ['a purpose taken away', '/purposes/permitted', exampleTerms.purposes.permitted.slice(1)],
    ['every purpose taken away', '/purposes/permitted', []],
    [
      'a parent purpose giving way to its children',
      '/purposes/permitted/0',
      { code: 'propensity.sycophancy', conditions: [{ code: 'results_shared_with_provider' }] },
    ],
    ['a condition added', '/purposes/permitted/0/conditions/1', { code: 'no_product_use' }],
    ['a time limit brought forward', '/purposes/permitted/2/conditions/0/value', '2026-05-01T00:00:00Z'],
    ['one instant written another way', '/scope/models/0/from', '2026-01-01T00:00:00.000Z'],
    ['a model in scope later', '/scope/models/0/from', '2026-02-01T00:00:00Z'],
    ['a model in scope for less long', '/scope/models/0/until', '2026-06-30T23:59:59.999Z'],
    ['a network within a former one', '/networks/cidrs', ['198.51.100.128/25', '2001:db8:77:ffff::/64']],
    ['no network', '/networks/cidrs', []],
    ['fewer keys without approval', '/keys/autoApprove/purposes', []],
    ['no key without approval', '/keys/autoApprove', null],
    ['lists in another order', '/scope/capabilities', exampleTerms.scope.capabilities.toReversed()],
  ])('is %s', (_, pointer, value) => {
    expect(withEdit(pointer, value)).toEqual([]);
  });

  it.each<[string, string, unknown, string]>([
    ['a condition lost', '/purposes/permitted/0/conditions', [], 'widens /terms/purposes/permitted/0'],
    [
      'a time limit put off',
      '/purposes/permitted/2/conditions/0/value',
      '2026-06-01T00:00:00.001Z',
      'widens /terms/purposes/permitted/2',
    ],
    ['a network around a former one', '/networks/cidrs/0', '198.51.100.0/23', 'widens /terms/networks/cidrs/0'],
    ['a network of the other family', '/networks/cidrs/1', '32.1.13.0/24', 'widens /terms/networks/cidrs/1'],
    ['networks opened', '/networks/cidrs', 'any', 'widens /terms/networks/cidrs'],
    ['another stage of a model', '/scope/models/1/stage', 'deployed', 'fixed /terms/scope/models/1/stage'],
    ['another form of assessment', '/purposes/assessmentForm', 'red_teaming', 'fixed /terms/purposes/assessmentForm'],
    ['an obligation fewer', '/reporting', exampleTerms.reporting.slice(1), 'fixed /terms/reporting'],
    ['a quota fewer', '/quotas', exampleTerms.quotas.slice(1), 'widens /terms/quotas'],
    [
      'a use no longer prohibited',
      '/prohibitedUses',
      exampleTerms.prohibitedUses.slice(1),
      'widens /terms/prohibitedUses',
    ],
    ['a longer term', '/term/expiresAt', '2027-01-01T00:00:00Z', 'fixed /terms/term/expiresAt'],
    ['a shorter term', '/term/expiresAt', '2026-05-01T00:00:00Z', 'fixed /terms/term/expiresAt'],
  ])('is not %s', (_, pointer, value, expected) => {
    expect(withEdit(pointer, value)).toEqual([`terms.amendment_${expected}`]);
  });

  it('does not let a parent grant capability benchmarks, as an agreement does not', () => {
    const before = edited(exampleTerms, '/purposes/permitted/0', { code: 'benchmark', conditions: [] });
    const after = edited(before, '/purposes/permitted/0/code', 'benchmark.capability');
    expect(found(after, before)).toEqual(['terms.amendment_widens /terms/purposes/permitted/0']);
  });

  it('may drop a quota together with all it counts, as a draft must', () => {
    const withoutModel = edited(exampleTerms, '/scope/models', exampleTerms.scope.models.slice(0, 1));
    expect(found(edited(withoutModel, '/quotas', exampleTerms.quotas.toSpliced(1, 1)))).toEqual([]);
    const withoutPurpose = edited(exampleTerms, '/purposes/permitted', exampleTerms.purposes.permitted.toSpliced(1, 1));
    expect(found(edited(withoutPurpose, '/quotas', exampleTerms.quotas.toSpliced(2, 1)))).toEqual([]);
    expect(found(edited(withoutPurpose, '/quotas', exampleTerms.quotas.toSpliced(1, 1)))).toEqual([
      'terms.amendment_widens /terms/quotas',
    ]);
  });

  it('may not drop a quota on a purpose that a parent or a child still permits', () => {
    for (const code of ['robustness', 'propensity', 'propensity.sycophancy']) {
      const before = edited(
        edited(exampleTerms, '/purposes/permitted/1', { code, conditions: [] }),
        '/quotas/2/filter',
        {
          purpose: code === 'robustness' ? 'robustness.jailbreak' : 'propensity',
        },
      );
      expect(found(edited(before, '/quotas', before.quotas.toSpliced(2, 1)), before)).toEqual([
        'terms.amendment_widens /terms/quotas',
      ]);
    }
  });

  it('may make publication wait longer, and not less long', () => {
    const waiting = (value: string): Terms =>
      edited(exampleTerms, '/purposes/permitted/0/conditions/0', { code: 'publication_moratorium_until', value });
    const [early, late] = [waiting('2026-08-01T00:00:00Z'), waiting('2026-09-01T00:00:00Z')];
    expect(found(late, early)).toEqual([]);
    expect(found(early, late)).toEqual(['terms.amendment_widens /terms/purposes/permitted/0']);
  });

  it('says of each fault what would not be one', () => {
    for (const fault of widenings(exampleTerms, edited(exampleTerms, '/quotas/0/limit', 60_000_000))) {
      expect(fault).toEqual({
        pointer: '/terms/quotas/0/limit',
        code: 'terms.amendment_widens',
        detail: 'The limit would rise.',
        expected: 'at most 50000000',
      });
    }
  });
});

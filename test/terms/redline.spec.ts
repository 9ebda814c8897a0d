import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import { redline } from '../../src/terms/redline.js';
import { edited } from './edited.js';
import { exampleTerms } from './example-terms.js';

describe('a redline', () => {
  it('is empty exactly when both texts have the same canonical form', () => {
    const values = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(values, values, (before, after) => {
        expect(redline(before, structuredClone(before))).toEqual([]);
        expect(redline(before, after).length === 0).toBe(canonicalJson(before) === canonicalJson(after));
      }),
      { numRuns: 500 },
    );
  });

  it('names a changed field by its pointer, with both values', () => {
    expect(redline(exampleTerms, edited(exampleTerms, '/quotas/0/limit', 60_000_000))).toEqual([
      { pointer: '/quotas/0/limit', kind: 'changed', before: 50_000_000, after: 60_000_000 },
    ]);
  });

  it('shows a quota put in front as one addition, and one taken out as one removal', () => {
    const [first, ...rest] = exampleTerms.quotas;
    const extra = { ...first, id: 'extra' };
    const longer = edited(exampleTerms, '/quotas', [extra, ...exampleTerms.quotas]);
    expect(redline(exampleTerms, longer)).toEqual([{ pointer: '/quotas/0', kind: 'added', after: extra }]);
    expect(redline(exampleTerms, edited(exampleTerms, '/quotas', rest))).toEqual([
      { pointer: '/quotas/0', kind: 'removed', before: first },
    ]);
  });

  it('shows items that only changed places as one change of the list', () => {
    const turned = exampleTerms.scope.capabilities.toReversed();
    expect(redline(exampleTerms, edited(exampleTerms, '/scope/capabilities', turned))).toEqual([
      { pointer: '/scope/capabilities', kind: 'changed', before: exampleTerms.scope.capabilities, after: turned },
    ]);
  });

  it('shows networks being opened as a change from the list to the word', () => {
    expect(redline(exampleTerms, edited(exampleTerms, '/networks/cidrs', 'any'))).toMatchObject([
      { pointer: '/networks/cidrs', kind: 'changed', after: 'any' },
    ]);
  });

  it('shows optional fields coming and going', () => {
    const filtered = edited(exampleTerms, '/quotas/0/filter/modelId', 'aurora-4');
    expect(redline(exampleTerms, filtered)).toEqual([
      { pointer: '/quotas/0/filter/modelId', kind: 'added', after: 'aurora-4' },
    ]);
    expect(redline(filtered, exampleTerms)).toEqual([
      { pointer: '/quotas/0/filter/modelId', kind: 'removed', before: 'aurora-4' },
    ]);
  });
});

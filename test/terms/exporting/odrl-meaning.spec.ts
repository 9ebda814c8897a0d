import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelInScope, purposePermitted, quotasApplying, withinTerm } from '../../../src/terms/deciding/clauses.js';
import { odrlAgreement } from '../../../src/terms/exporting/odrl.js';
import { PURPOSE_CODES } from '../../../src/terms/purposes.js';
import type { Terms } from '../../../src/terms/terms.js';
import { edited } from '../edited.js';
import { exampleTerms } from '../example-terms.js';
import { versionOf } from './example-version.js';
import { someTerms } from './some-terms.js';

type Constraint = Readonly<Record<string, unknown>> & { readonly leftOperand?: string; readonly operator?: string };
interface Rule {
  readonly action: string;
  readonly target: string;
  readonly constraint?: readonly (string | Constraint)[];
}
interface Use {
  readonly snapshot: string;
  readonly purpose: string;
  readonly at: Date;
}

const compare: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  gteq: (left, right) => left >= right,
  lt: (left, right) => left < right,
};

/** A reader of the export that knows ODRL's rules and nothing of Parley: instants, purposes and versions only. */
function reader(terms: Terms, effectiveFrom?: Date) {
  const document = odrlAgreement(versionOf(terms, effectiveFrom));
  const shared = new Map((document['@included'] as { uid: string }[]).map((node) => [node.uid, node]));
  const constraintsOf = (rule: Rule): Constraint[] =>
    (rule.constraint ?? []).map((one) => (typeof one === 'string' ? Object(shared.get(one)) : one) as Constraint);

  const holds = ({ leftOperand, operator, rightOperand }: Constraint, use: Use): boolean => {
    const right = Object(rightOperand) as { '@value': string; '@list': { '@id': string }[] };
    if (leftOperand === 'version') return String(rightOperand) === use.snapshot;
    if (leftOperand === 'purpose') return right['@list'].some((one) => one['@id'] === `parley:purpose:${use.purpose}`);
    if (leftOperand !== 'dateTime') return true;
    return compare[operator ?? '']!(use.at.getTime(), Date.parse(right['@value']));
  };
  const matching = (property: string, use: Use): Rule[] =>
    (document[property] as Rule[]).filter(
      (rule) => rule.action === 'use' && constraintsOf(rule).every((constraint) => holds(constraint, use)),
    );
  return {
    permits: (use: Use) => matching('permission', use).length > 0 && matching('prohibition', use).length === 0,
    quotas: (use: Use) =>
      matching('permission', use).map((rule) =>
        (rule.constraint ?? []).flatMap((one) => (typeof one === 'string' ? (one.split('/quota/')[1] ?? []) : [])),
      ),
  };
}

const INSTANTS = ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00Z', '2026-03-31T23:59:59Z', '2026-04-01T00:00:00Z'];
const LATER = ['2026-05-15T12:00:30.249Z', '2026-05-15T12:00:30.250Z', '2026-07-01T00:00:00Z'];

/** Every use of a model in scope, and of one that is not, for every purpose, around every instant that could matter. */
function usesOf(terms: Terms): Use[] {
  const snapshots = [...terms.scope.models.map(({ snapshot }) => snapshot), 'unknown-1'];
  return snapshots.flatMap((snapshot) =>
    PURPOSE_CODES.flatMap((purpose) =>
      [...INSTANTS, ...LATER].map((instant) => ({ snapshot, purpose, at: new Date(instant) })),
    ),
  );
}

describe('a reader that knows only ODRL', () => {
  it('permits a use of a model for a purpose at an instant exactly when a decision does', () => {
    fc.assert(
      fc.property(someTerms, (terms) => {
        const { permits } = reader(terms);
        for (const use of usesOf(terms)) {
          const decided =
            withinTerm(terms, use.at) &&
            modelInScope(terms, use.snapshot, use.at) &&
            purposePermitted(terms, use.purpose, use.at);
          expect(permits(use), JSON.stringify(use)).toBe(decided);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('permits nothing before the version takes effect', () => {
    const use = { snapshot: 'aurora-4-20251120', purpose: 'robustness.jailbreak' };
    const { permits } = reader(exampleTerms, new Date('2026-02-01T00:00:00Z'));
    expect(permits({ ...use, at: new Date('2026-01-31T23:59:59.999Z') })).toBe(false);
    expect(permits({ ...use, at: new Date('2026-02-01T00:00:00Z') })).toBe(true);
  });

  it('finds on each permission the very quotas that count the use', () => {
    fc.assert(
      fc.property(someTerms, (terms) => {
        const { quotas } = reader(terms);
        for (const use of usesOf(terms)) {
          const applying = quotasApplying(terms, { modelSnapshot: use.snapshot, purpose: use.purpose });
          for (const ids of quotas(use)) expect(ids).toEqual(applying.map(({ id }) => id));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('finds a quota for part of a permitted purpose on that part alone', () => {
    const terms = edited(exampleTerms, '/quotas/2/filter/purpose', 'propensity.scheming');
    const at = new Date('2026-04-01T00:00:00Z');
    const quotas = (purpose: string) => reader(terms).quotas({ snapshot: 'aurora-4-20251120', purpose, at });
    expect(quotas('propensity.scheming')).toEqual([['jailbreak-tokens', 'monthly-output', 'tokens-watch']]);
    expect(quotas('propensity.sabotage')).toEqual([['monthly-output', 'tokens-watch']]);
  });

  it('permits capability benchmarks only where they are named', () => {
    const at = new Date('2026-04-01T00:00:00Z');
    const use = { snapshot: 'aurora-4-20251120', purpose: 'benchmark.capability', at };
    const granting = (code: string) => reader(edited(exampleTerms, '/purposes/permitted', [{ code, conditions: [] }]));
    expect(granting('benchmark').permits(use)).toBe(false);
    expect(granting('benchmark').permits({ ...use, purpose: 'benchmark.safety' })).toBe(true);
    expect(granting('benchmark.capability').permits(use)).toBe(true);
  });
});

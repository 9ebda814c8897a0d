import { BaseSequencer, TestSpecification } from 'vitest/node';

/** The files that take longest, longest first. A slow file that began last would have the other worker wait for it. */
const slow = [
  'test/promises/bad-input.api.spec.ts',
  'test/model/contract-life.spec.ts',
  'test/agreements/races.api.spec.ts',
  'test/gateway/several-processes.api.spec.ts',
  'test/promises/readme.spec.ts',
  'test/agreements/evidence.api.spec.ts',
  'test/gateway/revocation-bound.api.spec.ts',
  'test/agreements/sweep-races.api.spec.ts',
  'test/http/problems.api.spec.ts',
  'test/database/refusals.spec.ts',
  'test/reconciliation/statements.api.spec.ts',
  'test/database/crash.spec.ts',
  'test/database/embedded-database.spec.ts',
];

/** Begins with the slow files, which neither their size nor, in a fresh clone, an earlier run tells. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- a sequencer is no array
    const usual = await super.sort(files);
    return usual.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = slow.findIndex((name) => moduleId.endsWith(name));
  return place === -1 ? slow.length : place;
}

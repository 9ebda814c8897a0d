import * as fc from 'fast-check';

/** Generates runs of at least so many commands; what is made smaller after a failure may be as short as it gets. */
export class LongRuns<T extends Iterable<unknown>> extends fc.Arbitrary<T> {
  constructor(
    private readonly runs: fc.Arbitrary<T>,
    private readonly least: number,
  ) {
    super();
  }

  generate(random: fc.Random, bias: number | undefined): fc.Value<T> {
    for (;;) {
      const value = this.runs.generate(random, bias);
      // oxlint-disable-next-line no-underscore-dangle -- its getter makes a copy, which would count each twice
      if ([...value.value_].length >= this.least) return value;
    }
  }

  canShrinkWithoutContext(value: unknown): value is T {
    return this.runs.canShrinkWithoutContext(value);
  }

  shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return this.runs.shrink(value, context);
  }
}

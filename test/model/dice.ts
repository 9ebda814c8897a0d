/** A row of choices that one seed decides, so that a run can be had again. */
export class Dice {
  constructor(private state: number) {}

  /** A whole number from 0 up to, and not at, a bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Whether something happens that does so in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.next() * 100 < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One of some names, each as often as its weight says. */
  weighted(weights: ReadonlyMap<string, number>): string {
    let rest = this.next() * [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    for (const [name, weight] of weights) {
      rest -= weight;
      if (rest < 0) return name;
    }
    return [...weights.keys()].at(-1)!;
  }

  /** The generator `mulberry32`. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

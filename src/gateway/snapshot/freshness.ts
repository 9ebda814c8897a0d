import { Injectable } from '@nestjs/common';
import { Clock, second } from '../../kernel/clock.js';

/** How long after its last proof a node may decide, in milliseconds. It bounds how late a stop takes hold anywhere. */
export const freshFor = 5 * second;

/** When a question for news was sent: by `performance.now()`, and by the clock of decisions. */
export interface Sent {
  readonly at: number;
  readonly instant: Date;
}

/**
 * How long this node may go on deciding: for five seconds after it sent the last question for news that was answered and
 * whose answer it has applied. Time runs here by the monotonic clock, which nobody sets.
 */
@Injectable()
export class Freshness {
  private proof: Sent | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  /** The instant, by the clock of decisions, as of which everything is known; null before the first proof. */
  get asOf(): Date | null {
    return this.proof?.instant ?? null;
  }

  /** Milliseconds since the last proof was sent; infinite before the first. */
  age(): number {
    return this.proof ? performance.now() - this.proof.at : Infinity;
  }

  /** Whether the node may decide now. */
  fresh(): boolean {
    return this.age() <= freshFor;
  }

  /** That a question for news is sent now. */
  sending(): Sent {
    return { at: performance.now(), instant: this.clock.now() };
  }

  /** The answer to a question for news is applied. */
  prove(sent: Sent): void {
    this.proof = sent;
    this.watch();
  }

  /** Calls when the node may decide no more, once each time. */
  onEnd(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Watches no more. */
  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private watch(): void {
    this.stop();
    this.timer = setTimeout(() => this.look(), Math.max(1, Math.ceil(freshFor - this.age()) + 1)).unref();
  }

  private look(): void {
    if (this.fresh()) this.watch();
    else for (const listener of this.listeners) listener();
  }
}

import { SettableClock } from '../../src/kernel/clock.js';

/** The real clock where a settable one is asked for: that of a stage which shares its database with processes. */
export class RealClock extends SettableClock {
  constructor() {
    super(new Date());
  }

  override now(): Date {
    return new Date();
  }
}

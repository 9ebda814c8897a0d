/** Where every part of Parley reads the time, so that tests and the demo can set it. Instants are UTC. */
export abstract class Clock {
  abstract now(): Date;
}

/** The machine's own clock, cut to whole milliseconds as every stored instant is. */
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

/** A clock that stands still until it is told to move; it never goes back, as no real clock of ours may. */
export class SettableClock extends Clock {
  private instant: Date;

  constructor(instant: Date) {
    super();
    this.instant = new Date(instant);
  }

  now(): Date {
    return new Date(this.instant);
  }

  moveTo(instant: Date): void {
    if (instant < this.instant) throw new RangeError('The clock does not go back.');
    this.instant = new Date(instant);
  }

  advance(milliseconds: number): void {
    this.moveTo(new Date(this.instant.getTime() + milliseconds));
  }
}

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

import { Decided, LoadClient } from './load-client.js';

/** One question of a probe, in milliseconds since 1970 by the clock of this machine. */
export interface Probed {
  sent: number;
  answered: number;
  code: string;
}

/** What to ask, and where. */
export interface ProbeOptions {
  url: string;
  token: string;
  body: string;
  client: LoadClient;
  /** How many questions it asks in a second, as far as the machine lets it. */
  perSecond: number;
}

/** The most questions that are under way at once: what is slower than that is asked less. */
const underWayMax = 16;

/** How often it looks whether a question is due, in milliseconds. */
const tick = 5;

interface Pace {
  begun: number;
  asked: number;
}

/** Asks one node the same question at a steady pace, and keeps every answer with its time. */
export class Probe {
  private readonly asked: Probed[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private pace: Pace = { begun: performance.now(), asked: 0 };

  constructor(private readonly options: ProbeOptions) {
    this.timer = setInterval(() => this.askWhatIsDue(), tick);
  }

  /** What was asked since an instant, in the order of the answers. */
  since(instant: number): Probed[] {
    return this.asked.filter(({ sent }) => sent >= instant);
  }

  /** What the newest answers say, oldest first. */
  newest(count: number): string[] {
    return this.asked.slice(-count).map(({ code }) => code);
  }

  /** The instant now, as the clock of the database on this machine has it, but to a fraction of a millisecond. */
  static now(): number {
    return Probe.origin + performance.now();
  }

  /** Takes the time from the clock of this machine anew, which may have been set since. */
  static setClock(): void {
    const before = Date.now();
    while (Date.now() === before);
    Probe.origin = Date.now() - performance.now();
  }

  /** Asks no more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
  }

  private static origin = performance.timeOrigin;

  private askWhatIsDue(): void {
    const { pace, underWay, options } = this;
    const due = ((performance.now() - pace.begun) * options.perSecond) / 1_000;
    for (; pace.asked < due && underWay.size < underWayMax; pace.asked += 1) {
      const one: Promise<void> = this.ask().finally(() => underWay.delete(one));
      underWay.add(one);
    }
    // What could not be asked in time is not made up for.
    if (pace.asked < due) this.pace = { begun: performance.now(), asked: 0 };
  }

  private async ask(): Promise<void> {
    const { url, token, body, client } = this.options;
    const sent = Probe.now();
    const { status, text } = await client.post(`${url}/v1/authorizations`, token, body);
    const { code } = JSON.parse(text) as Pick<Decided, 'code'>;
    this.asked.push({ sent, answered: Probe.now(), code: status === 200 ? code : `${status} ${code}` });
  }
}

/** The least value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)]!;
}

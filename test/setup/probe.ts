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
  /** How many questions are under way at once. */
  callers: number;
}

/** Asks one node the same question over and over, and keeps every answer with its time. */
export class Probe {
  private readonly asked: Probed[] = [];
  private running = true;
  private readonly done: Promise<unknown>;

  constructor(private readonly options: ProbeOptions) {
    this.done = Promise.all(Array.from({ length: options.callers }, () => this.ask()));
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
    const tick = Date.now();
    while (Date.now() === tick);
    Probe.origin = Date.now() - performance.now();
  }

  /** Asks no more. */
  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private static origin = performance.timeOrigin;

  private async ask(): Promise<void> {
    const { url, token, body, client } = this.options;
    while (this.running) {
      const sent = Probe.now();
      const { status, text } = await client.post(`${url}/v1/authorizations`, token, body);
      const { code } = JSON.parse(text) as Pick<Decided, 'code'>;
      this.asked.push({ sent, answered: Probe.now(), code: status === 200 ? code : `${status} ${code}` });
    }
  }
}

/** The least value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)]!;
}

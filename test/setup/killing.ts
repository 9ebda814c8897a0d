import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayProcesses } from './gateway-processes.js';

/** Kills gateway processes at random, and starts each again. */
export class Killing {
  /** How many it killed. */
  kills = 0;
  private over = false;
  private readonly starts: Promise<void>[] = [];
  private readonly rounds: Promise<void>;

  /** Begins at once: one every so many milliseconds, and never the last one that runs. */
  constructor(
    private readonly processes: GatewayProcesses,
    private readonly everyMilliseconds: number,
  ) {
    this.rounds = this.run();
  }

  /** Ends the killing, and waits until all run again. */
  async stop(): Promise<void> {
    this.over = true;
    await this.rounds;
    await Promise.all(this.starts);
  }

  private async run(): Promise<void> {
    const { processes } = this;
    while (!this.over) {
      await sleep(this.everyMilliseconds);
      const running = [...processes.urls.keys()].filter((at) => processes.runs(at));
      if (this.over || running.length < 2) continue;
      const victim = running[randomInt(running.length)]!;
      await processes.kill(victim);
      this.kills += 1;
      this.starts.push(processes.start(victim));
    }
  }
}

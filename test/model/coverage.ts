import { statusOf } from './standing.js';
import { Verdict } from './verdict.js';
import { World } from './world.js';

/** What the runs of a suite have come to. */
export class Coverage {
  readonly accepted = new Map<string, number>();
  readonly refused = new Map<string, number>();
  /** How many runs have been in each state and status. */
  readonly reached = new Map<string, number>();
  runs = 0;
  steps = 0;
  private here = new Set<string>();

  begin(): void {
    this.runs += 1;
    this.here = new Set();
  }

  count(command: string, { refused }: Verdict): void {
    this.steps += 1;
    add(refused === null ? this.accepted : this.refused, command);
  }

  see(world: World): void {
    for (const [position, { kind, state }] of world.texts.entries()) {
      const thing = kind === 'original' ? 'agreement' : kind;
      this.reach(`${thing} ${state}`);
      if (kind === 'original') this.reach(`status ${statusOf(world, position, world.now)}`);
    }
    for (const { state, kind } of world.terminations) this.reach(`termination ${kind} ${state}`);
    for (const { kind, state } of world.notices) this.reach(`notice ${kind} ${state}`);
    this.reach(`partner ${world.partner?.state ?? 'none'}`);
  }

  /** The figures, a line each. */
  report(): string {
    const commands = [...new Set([...this.accepted.keys(), ...this.refused.keys()])].toSorted();
    const lines = commands.map(
      (name) => `${name}: ${this.accepted.get(name) ?? 0} carried out, ${this.refused.get(name) ?? 0} refused`,
    );
    const states = [...this.reached]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([state, runs]) => `${state}: in ${runs} runs`);
    const mean = (this.steps / this.runs).toFixed(1);
    return [`${this.runs} runs of ${mean} commands on average`, ...lines, ...states].join('\n');
  }

  private reach(what: string): void {
    if (this.here.has(what)) return;
    this.here.add(what);
    add(this.reached, what);
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

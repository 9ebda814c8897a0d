import { ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Asked {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

/** What a child answers to one message. */
interface Answered {
  number: number;
  answer?: unknown;
  error?: string;
}

/** A process of its own, which does what it is asked and tells the CPU time that it used. */
export class Child {
  private readonly process: ChildProcess;
  private readonly asked = new Map<number, Asked>();
  private last = 0;

  /** Starts a program of this folder; `node` are words for Node itself. */
  constructor(program: string, node: readonly string[] = []) {
    const file = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
    this.process = fork(file, { execArgv: [...node], serialization: 'advanced' });
    this.process.on('message', (message: Answered) => this.settle(message));
    this.process.on('exit', () => {
      for (const { reject } of this.asked.values()) reject(new Error(`The process ${program} ended.`));
    });
  }

  /** Does one thing there; rejects when it fails there, and when the process ends first. */
  ask<T>(what: string, argument: object = {}): Promise<T> {
    this.last += 1;
    const number = this.last;
    return new Promise((resolve, reject) => {
      this.asked.set(number, { resolve: (answer) => resolve(answer as T), reject });
      this.process.send({ number, what, argument });
    });
  }

  /** The CPU time that it used since it started, of user and system, in seconds. */
  cpuSeconds(): Promise<number> {
    return this.ask<number>('cpuSeconds');
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const gone = new Promise((resolve) => {
      this.process.once('exit', resolve);
    });
    await this.ask('stop').catch(() => null);
    this.process.disconnect();
    await gone;
  }

  private settle({ number, answer, error }: Answered): void {
    const asked = this.asked.get(number);
    this.asked.delete(number);
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new Error(error));
  }
}

/** Starts children, and stops them all when what was to be done with them is done or has failed. */
export async function withChildren<T>(use: (start: (...words: StartWords) => Child) => Promise<T>): Promise<T> {
  const children: Child[] = [];
  try {
    return await use((...words) => {
      const child = new Child(...words);
      children.push(child);
      return child;
    });
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** What starts a child. */
export type StartWords = ConstructorParameters<typeof Child>;

/** What a child can do, by name. */
type Deeds = Record<string, (argument: never) => unknown>;

/** The child's side: answers what the parent asks until it lets go. */
export function answerParent(deeds: Deeds): void {
  const all: Deeds = { stop: () => null, cpuSeconds, ...deeds };
  process.on('message', (message: { number: number; what: string; argument: never }) => {
    const { number, what, argument } = message;
    const done = Promise.resolve().then(() => all[what]!(argument));
    done.then(
      (answer) => process.send?.({ number, answer }),
      (error: Error) => process.send?.({ number, error: error.stack ?? error.message }),
    );
  });
  // A child that outlives its parent would hold its ports and connections.
  process.once('disconnect', () => process.exit(0));
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli } from './built.js';
import { SeverableLink, severableLink } from './severable-link.js';

/** How the processes are started. */
interface GatewayProcessOptions {
  /** Whether each has a path of its own to the database, which can be cut and stalled. */
  linked?: boolean;
  /** Settings beside the usual ones; a stage's `PARLEY_TOKEN_SECRET`, so that each knows what the other signed. */
  environment?: NodeJS.ProcessEnv;
  /** The command to start; the built one unless it says otherwise. */
  command?: string;
}

const usual = {
  PARLEY_PORT: '0',
  PARLEY_GATEWAY_PORT: '0',
  PARLEY_LOG_LEVEL: 'error',
  // Several processes and a stage share the connections that the cluster of the tests has.
  PARLEY_DATABASE_POOL_MAX: '5',
};

/** Starts so many gateway processes over a database, and waits until all are ready. */
export async function gatewayProcesses(
  databaseUrl: string,
  count: number,
  { linked = false, environment = {}, command = cli() }: GatewayProcessOptions = {},
): Promise<GatewayProcesses> {
  const links = linked ? await Promise.all(Array.from({ length: count }, () => severableLink(databaseUrl))) : [];
  const processes = new GatewayProcesses(command, links, { DATABASE_URL: databaseUrl, ...environment });
  try {
    await Promise.all(Array.from({ length: count }, (_, at) => processes.start(at)));
    return processes;
  } catch (error) {
    await processes.end();
    throw error;
  }
}

/** Several gateways over one database, each a process of its own as an operator starts it. */
export class GatewayProcesses {
  /** Where each listens; one that was started again listens elsewhere. */
  readonly urls: string[] = [];
  private readonly ready: (ChildProcess | null)[] = [];
  private readonly children = new Set<ChildProcess>();
  private readonly directory = mkdtempSync(join(tmpdir(), 'parley-gateways-'));
  private readonly words: string[] = [];
  private readonly killAll = () => this.children.forEach((child) => child.kill('SIGKILL'));

  /** `links` are the paths of each to the database; none where they share the one of the environment. */
  constructor(
    private readonly command: string,
    readonly links: readonly SeverableLink[],
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    // Whatever happens to the one who asked for them, they do not outlive it.
    process.once('exit', this.killAll);
  }

  /** Starts one, or starts it once more after it ended, and waits until it is ready. */
  async start(at: number): Promise<void> {
    const link = this.links[at];
    const settings = { ...usual, PARLEY_DATA: this.directory, ...this.environment };
    const child = spawn(process.execPath, [this.command, 'serve', '--role', 'gateway'], {
      env: { ...process.env, ...settings, ...(link && { DATABASE_URL: link.url }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.add(child);
    child.once('exit', (code, signal) => {
      this.words.push(`Process ${at} ended with ${signal ?? code}.\n`);
      this.children.delete(child);
      if (this.ready[at] === child) this.ready[at] = null;
    });
    this.urls[at] = await readyAt(child, this.words);
    this.ready[at] = child;
  }

  /** Whether one runs and is ready. */
  runs(at: number): boolean {
    return Boolean(this.ready[at]);
  }

  /** The id of the process. */
  pid(at: number): number {
    return this.ready[at]!.pid!;
  }

  /** Ends one at once, as a crash does. */
  async kill(at: number): Promise<void> {
    await this.signal(at, 'SIGKILL');
  }

  /** Tells one to stop, and waits until it has; its exit code. */
  stop(at: number): Promise<number | null> {
    return this.signal(at, 'SIGTERM');
  }

  /** Whatever the processes wrote. */
  said(): string {
    return this.words.join('');
  }

  /** Ends them all, and everything that was made for them. */
  async end(): Promise<void> {
    const ended = [...this.children].map((child) => once(child, 'exit'));
    this.killAll();
    await Promise.all(ended);
    await Promise.all(this.links.map((link) => link.stop()));
    process.removeListener('exit', this.killAll);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async signal(at: number, name: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.ready[at]!;
    // One that is told to stop is none to ask any more.
    this.ready[at] = null;
    const exited = once(child, 'exit');
    child.kill(name);
    return (await exited)[0] as number | null;
  }
}

/** Waits until a process says where it listens; fails where it ends before that. */
function readyAt(child: ChildProcess, words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      words.push(chunk.toString());
      said += chunk.toString();
      const url = /^ {2}Gateway {3}(\S+)$/m.exec(said)?.[1];
      if (url) resolve(url);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', (code) => reject(new Error(`parley serve --role gateway ended with ${code}: ${said}`)));
  });
}

import { ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const readme = readFileSync('README.md', 'utf8');

/** The commands of the README, block by block in their order. */
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands!.trim());

/** A checkout of its own: everything that a newcomer has after `npm ci`, and nothing else. */
function checkout(): string {
  const directory = mkdtempSync(join(tmpdir(), 'parley-readme-'));
  // As root the database runs as another user, who must be able to walk through to its own directory.
  chmodSync(directory, 0o711);
  for (const name of ['package.json', 'package-lock.json', 'nest-cli.json', 'tsconfig.json', 'src', 'migrations']) {
    cpSync(name, join(directory, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  return directory;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

describe('the README', () => {
  let directory: string;
  let environment: NodeJS.ProcessEnv;
  let port: number;
  let service: ChildProcess | undefined;
  let printed = '';

  beforeAll(async () => {
    directory = checkout();
    port = await freePort();
    environment = {
      ...process.env,
      // Empty means absent: the service starts its own database, as it does for a newcomer.
      DATABASE_URL: '',
      NODE_ENV: '',
      PARLEY_PORT: String(port),
      PARLEY_GATEWAY_PORT: '0',
      PARLEY_LOG_LEVEL: 'silent',
      PATH: `${resolve('node_modules/.bin')}:${process.env.PATH}`,
      // `npx` remembers the package that it ran in its cache; this one goes with the directory.
      npm_config_cache: join(directory, '.npm'),
    };
    // What `npm ci` does at its end.
    await run('npm', ['run', 'prepare'], { cwd: directory, env: environment });
  });

  afterAll(async () => {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs commands as somebody would who pastes them, on the port and with the token that were printed. */
  async function paste(commands: string): Promise<string> {
    const token = /"token":"([^"]+)"/.exec(printed)?.[1] ?? '';
    const pasted = commands.replaceAll(':3000', `:${port}`).replaceAll('paste the token here', token);
    const script = ['set -eu', pasted].join('\n');
    return (await run('bash', ['-c', script], { cwd: directory, env: environment, maxBuffer: 1e8 })).stdout;
  }

  async function start(command: string): Promise<void> {
    service = spawn('bash', ['-c', `exec ${command}`], { cwd: directory, env: environment, detached: true });
    service.stdout!.on('data', (text: Buffer) => (printed += text.toString()));
    service.stderr!.on('data', (text: Buffer) => (printed += text.toString()));
    for (let waited = 0; !printed.includes('Parley is ready'); waited += 100) {
      if (waited > 30_000 || service.exitCode !== null) throw new Error(`It did not start: ${printed}`);
      await new Promise((resume) => setTimeout(resume, 100));
    }
  }

  async function stop(): Promise<void> {
    if (!service || service.exitCode !== null || service.signalCode !== null) return;
    const ended = once(service, 'exit');
    process.kill(-service.pid!, 'SIGINT');
    await ended;
  }

  it('is at most 120 lines long', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });

  it('has commands that a package.json and a lock file in agreement can install', async () => {
    expect(blocks.slice(0, 2)).toEqual(['npm ci && npm start', 'npm cit']);
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
    const own = JSON.parse(readFileSync('package.json', 'utf8')) as Lock['packages'][string];
    const { dependencies, devDependencies, bin } = lock.packages['']!;
    expect({ dependencies, devDependencies, bin }).toEqual({
      dependencies: own.dependencies,
      devDependencies: own.devDependencies,
      bin: own.bin,
    });
    expect(missingFrom(lock)).toEqual([]);
  });

  it('starts the service with its second command, which answers that it is ready', async () => {
    await start('npm start');
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('has a session that ends with who you are', async () => {
    const session = blocks.find((block) => block.includes('/v1/me'))!;
    expect(await paste(session)).toContain('"roles":["admin"]');
  });

  it('stops the service without leaving a process behind', async () => {
    await stop();
    expect(printed).toContain('Stopped.');
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow('fetch failed');
  });

  it('has a demo whose every file verifies as it says', async () => {
    const rest = blocks.slice(2).filter((block) => !block.includes('/v1/me'));
    const told = await paste(rest.join('\n'));
    expect(told).toMatch(/units over-granted +0\n/);
    expect(told).toContain('parley-demo/statement.json is whole.');
    expect(told).toContain('parley-demo/evidence.json is whole.');
  });
});

interface Lock {
  packages: Record<
    string,
    Partial<Record<'dependencies' | 'devDependencies' | 'optionalDependencies' | 'bin', Record<string, string>>>
  >;
}

/** Packages that others need, or may use on some platform, and that the lock does not hold: `npm ci` refuses these. */
function missingFrom({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) => {
    const names = Object.keys({ ...dependencies, ...optionalDependencies });
    return names.filter((name) => !reaches(path, name)).map((name) => `${path} needs ${name}`);
  });

  function reaches(path: string, name: string): boolean {
    if (packages[path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`]) return true;
    return path !== '' && reaches(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name);
  }
}

import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const command = join(root, 'dist/src/cli.js');

/** The command as it is shipped: the built one, built now where a source is newer. One test file builds at a time. */
export function cli(): string {
  if (isCurrent()) return command;
  const lock = join(root, 'dist', 'build.lock');
  for (;;) {
    try {
      mkdirSync(join(root, 'dist'), { recursive: true });
      mkdirSync(lock);
      break;
    } catch {
      // Another one builds. A lock as old as this was left by one that was killed.
      const held = statSync(lock, { throwIfNoEntry: false });
      if (held && Date.now() - held.mtimeMs > 120_000) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
    if (!isCurrent()) execFileSync(process.execPath, [nest, 'build'], { cwd: root });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
  return command;
}

function isCurrent(): boolean {
  const sources = globSync(['src/**/*.ts', 'migrations/*.ts'], { cwd: root });
  const newest = Math.max(...sources.map((file) => statSync(join(root, file)).mtimeMs));
  const built = statSync(join(root, 'dist/build.tsbuildinfo'), { throwIfNoEntry: false });
  if (statSync(command, { throwIfNoEntry: false }) === undefined || built === undefined) return false;
  return built.mtimeMs >= newest && globSync('src/**/*.md', { cwd: root }).every(isCopied);
}

/** Whether a file that is shipped as it is lies beside the program, no older than its source. */
function isCopied(file: string): boolean {
  const copy = statSync(join(root, 'dist', file), { throwIfNoEntry: false });
  return copy !== undefined && copy.mtimeMs >= statSync(join(root, file)).mtimeMs;
}

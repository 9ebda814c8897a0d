import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const command = join(root, 'dist/src/cli.js');

/** The command as it is shipped: the built one, built now where a source is newer. */
export function cli(): string {
  const sources = globSync(['src/**/*.ts', 'migrations/*.ts'], { cwd: root });
  const newest = Math.max(...sources.map((file) => statSync(join(root, file)).mtimeMs));
  const built = statSync(join(root, 'dist/build.tsbuildinfo'), { throwIfNoEntry: false });
  if (!statSync(command, { throwIfNoEntry: false }) || !built || built.mtimeMs < newest) {
    execFileSync(process.execPath, [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], { cwd: root });
  }
  return command;
}

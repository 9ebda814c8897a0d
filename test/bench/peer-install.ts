import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CannotRun, tell } from './measure.js';

/** The one set of versions that installs and runs together. */
export const peerVersions = {
  'better-auth': '1.7.5',
  '@better-auth/core': '1.7.5',
  '@better-auth/api-key': '1.7.5',
  '@better-auth/utils': '0.4.2',
  'better-call': '1.4.0',
  pg: '8.23.1',
};

/** What the bench takes from the peer, loaded from a module that stands among the peer's own packages. */
const entry = `export { betterAuth } from 'better-auth';
export { apiKey } from '@better-auth/api-key';
export { getMigrations } from 'better-auth/db/migration';
export { default as pg } from 'pg';
`;

/** Installs the peer into a folder of its own, once, and tells the module to load; it is no dependency of Parley. */
export async function installPeer(): Promise<string> {
  const folder = join(tmpdir(), `parley-bench-peer-${peerVersions['better-auth']}`);
  const module = join(folder, 'entry.mjs');
  if (Object.entries(peerVersions).every(([name, version]) => installed(folder, name) === version)) return module;
  tell(`The peer is installed into ${folder}.`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeFileSync(module, entry);
  const wanted = Object.entries(peerVersions).map(([name, version]) => `${name}@${version}`);
  const words = ['install', '--save-exact', '--no-audit', '--no-fund', '--ignore-scripts', ...wanted];
  try {
    await promisify(execFile)('npm', words, { cwd: folder, timeout: 180_000 });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new CannotRun(`better-auth ${peerVersions['better-auth']} cannot be installed. ${stderr || message}`);
  }
  return module;
}

function installed(folder: string, name: string): string | null {
  const file = join(folder, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return null;
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

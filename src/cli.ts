#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { CommandFailure } from './cli/failure.js';
import { commands } from './commands.js';
import { ConfigurationError } from './kernel/configuration.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

try {
  await commands(version).parseAsync();
} catch (error) {
  process.stderr.write(`parley: ${messageOf(error)}\n`);
  process.exitCode = error instanceof CommandFailure ? error.exitCode : 1;
}

/** What went wrong, in words; a stack only for those who ask for it. */
function messageOf(error: unknown): string {
  if (error instanceof ConfigurationError) return `the configuration cannot be used:\n${error.message}`;
  if (process.env.PARLEY_LOG_LEVEL === 'debug' && error instanceof Error) return error.stack ?? error.message;
  return error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);
}

#!/usr/bin/env node
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { CommandFailure } from './cli/failure.js';
import { ConfigurationError } from './kernel/configuration.js';

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

const program = new Command('parley')
  .description('Access to models for safety evaluation, under signed agreements.')
  .version(version)
  .showHelpAfterError('(parley --help lists the commands)');

program
  .command('serve')
  .description('Serve the REST API and the gateway listener. Without DATABASE_URL it starts its own database.')
  .option('--role <role>', 'what to serve: api, gateway, worker or all')
  .action(async (options: { role?: string }) => (await import('./cli/serve.js')).serve(options));

program
  .command('migrate')
  .description('Bring the database to the current schema.')
  .action(async () => (await import('./cli/migrate.js')).migrateDatabase());

program
  .command('demo')
  .description('Play one agreement from first contact to a signed statement, over HTTP, on a fresh database.')
  .option('--data <dir>', 'replay the real traces of this directory instead of a generated hour')
  .option('--out <dir>', 'where the results go', 'parley-demo')
  .option('--json', 'print one object of figures on the last line')
  .action(async (options: { data?: string; out: string; json?: boolean }) =>
    (await import('./demo/demo.js')).demo(options),
  );

const verify = program.command('verify').description('Check a file offline: no network, no database, no account.');

verify
  .command('evidence <file>')
  .description('Check the evidence bundle of an executed agreement. Exit code 0 whole, 1 tampered, 2 unusable.')
  .action(async (file: string) => (await import('./cli/verify.js')).verifyEvidenceFile(file));

verify
  .command('statement <file>')
  .description(
    'Check a statement; with its events, compute all of it again. Exit code 0 whole, 1 tampered, 2 unusable.',
  )
  .option('--events <file>', 'the events of the statement, as NDJSON')
  .action(async (file: string, options: { events?: string }) =>
    (await import('./cli/verify.js')).verifyStatementFile(file, options.events),
  );

program
  .command('import')
  .description('Send what was recorded elsewhere.')
  .command('usage <file>')
  .description('Send usage events (NDJSON) to a running service. Sending a file again counts nothing twice.')
  .requiredOption('--url <url>', 'where the REST API answers')
  .option('--dry-run', 'check every line and send nothing')
  .addHelpText('after', '\nThe credential of a gateway is read from PARLEY_GATEWAY_CREDENTIAL.')
  .action(async (file: string, options: { url: string; dryRun?: boolean }) =>
    (await import('./cli/import-usage.js')).importUsage(file, options),
  );

try {
  await program.parseAsync();
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

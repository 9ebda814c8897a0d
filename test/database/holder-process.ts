import { registerHooks } from 'node:module';

// A Parley in a process of its own that can be killed: Node runs this file by stripping its types, and needs only to
// be told that a file named .js in an import is a .ts file here.
registerHooks({
  resolve: (specifier, context, next) =>
    next(context.parentURL?.endsWith('.ts') ? specifier.replace(/^(\..*)\.js$/, '$1.ts') : specifier, context),
});

const { startEmbeddedDatabase } = await import('../../src/database/embedded-database.js');
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const database = await startEmbeddedDatabase({
    directory: process.argv[2] ?? '',
    onLost: (error) => say({ lost: error.message }),
  });
  process.stdin.once('data', () => void database.stop().then(() => process.exit(0)));
  say({ url: database.url, startedHere: database.startedHere });
} catch (error) {
  say({ refused: error instanceof Error ? `${error.name}: ${error.message}` : error });
}

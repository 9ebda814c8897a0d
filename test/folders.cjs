/**
 * The order of the folders of `src`: each imports only from folders to its left. After them come the files that lie in
 * `src` itself, which put the parts together, and then the commands.
 */
const order = [
  'kernel',
  'terms',
  'http',
  'audit',
  'access',
  'suspensions',
  'partners',
  'agreements',
  'campaigns',
  'keys',
  'quotas',
  'findings',
  'gateway',
  'usage',
  'detection',
  'reconciliation',
  'incidents',
  'webhooks',
  'database',
];

const commands = ['cli', 'demo'];

/** What a folder of pure decisions knows nothing of: frameworks, HTTP and databases. */
const frameworks = '(@nestjs|typeorm|express|rxjs|class-validator|class-transformer|reflect-metadata|passport|pg|pino)';

const forbidden = [
  ...order.map((folder, at) => ({
    name: `${folder}-imports-only-from-its-left`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: `^src/(${order.slice(0, at + 1).join('|')})/` },
  })),
  {
    name: 'only-the-command-line-imports-commands',
    severity: 'error',
    from: { path: '^src/[^/]+$', pathNot: '^src/(cli|commands)\\.ts$' },
    to: { path: `^src/(${commands.join('|')})(/|\\.ts$)` },
  },
  {
    name: 'commands-stand-alone',
    severity: 'error',
    from: { path: `^src/(${commands.join('|')})/` },
    to: { path: [`^src/(${commands.join('|')})/`, '^src/cli\\.ts$'], pathNot: ['^src/$1/', '^src/cli/failure\\.ts$'] },
  },
  {
    name: 'migrations-stand-alone',
    severity: 'error',
    from: { path: '^migrations/' },
    to: { path: '^(src|migrations)/' },
  },
  {
    name: 'pure-folders-know-no-framework',
    severity: 'error',
    from: { path: '^src/(kernel|terms)/' },
    to: { path: `(^|/)node_modules/${frameworks}` },
  },
  { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
  { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
];

module.exports = {
  forbidden,
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
    doNotFollow: { path: 'node_modules' },
  },
};

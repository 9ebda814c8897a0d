import { cruise, format, ICruiseOptions, ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const commands = ['cli', 'demo'];

let options: ICruiseOptions;

beforeAll(async () => {
  options = await extractDepcruiseOptions('./test/folders.cjs');
});

describe('the folders of src stand in one total order', () => {
  it('no file imports from a folder to its right, in a circle, or from a framework where decisions are pure', async () => {
    const result = await violations(['src', 'migrations'], options);
    expect(result.summary.totalCruised).toBeGreaterThan(150);
    expect(await told(result)).toEqual([]);
  });

  it('every folder has its place', () => {
    const rules = options.ruleSet?.forbidden?.map(({ name }) => name) ?? [];
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const without = folders
      .map(({ name }) => name)
      .filter((name) => !commands.includes(name) && !rules.includes(`${name}-imports-only-from-its-left`));
    expect(without).toEqual([]);
  });

  it('no folder or file is named for being shared', () => {
    const named = /(^|\/)(utils?|commons?|shared|helpers?|types|misc|lib)(\/|\.[a-z.]*$)/;
    expect(sources().filter((path) => named.test(path))).toEqual([]);
  });

  it('no file only hands on what another exports', () => {
    const handsOn = sources().filter((path) => {
      const statements = readFileSync(join('src', path), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
      const others = statements.replaceAll(/export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?\s+from\s+'[^']+';/g, '');
      return others.trim() === '';
    });
    expect(handsOn).toEqual([]);
    expect(sources().filter((path) => /(^|\/)index\.ts$/.test(path))).toEqual([]);
  });
});

describe('the rules bite', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-folders-'));

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    ['kernel-imports-only-from-its-left', 'src/kernel/a.ts', 'src/http/b.ts'],
    ['http-imports-only-from-its-left', 'src/http/a.ts', 'src/audit/b.ts'],
    ['keys-imports-only-from-its-left', 'src/keys/a.ts', 'src/data-source.ts'],
    ['terms-imports-only-from-its-left', 'src/terms/drafting/a.ts', 'src/agreements/b.ts'],
    ['usage-imports-only-from-its-left', 'src/usage/a.ts', 'src/unheard-of/b.ts'],
    ['only-the-command-line-imports-commands', 'src/service.ts', 'src/demo/b.ts'],
    ['commands-stand-alone', 'src/cli/a.ts', 'src/demo/b.ts'],
    ['commands-stand-alone', 'src/demo/a.ts', 'src/cli/serve.ts'],
    ['migrations-stand-alone', 'migrations/1-a.ts', 'src/kernel/b.ts'],
    ['pure-folders-know-no-framework', 'src/terms/a.ts', 'node_modules/typeorm/index.js'],
    ['everything-resolves', 'src/terms/a.ts', null],
  ])('%s: %s may not import %s', async (rule, from, to) => {
    const result = await violations([dirname(from)], { ...options, baseDir: story(from, to) });
    expect(broken(result)).toContain(rule);
  });

  it.each([
    ['src/usage/a.ts', 'src/kernel/b.ts'],
    ['src/service.ts', 'src/webhooks/b.ts'],
    ['src/cli.ts', 'src/demo/b.ts'],
    ['src/demo/a.ts', 'src/cli/failure.ts'],
    ['src/demo/a.ts', 'src/service.ts'],
    ['src/terms/a.ts', 'node_modules/ajv/index.js'],
  ])('%s may import %s', async (from, to) => {
    const result = await violations([dirname(from)], { ...options, baseDir: story(from, to) });
    expect(broken(result)).toEqual([]);
    expect(result.summary.totalDependenciesCruised).toBeGreaterThan(0);
  });

  it('no-circle: two files may not import each other', async () => {
    const baseDir = story('src/kernel/a.ts', 'src/kernel/b.ts');
    writeFileSync(join(baseDir, 'src/kernel/b.ts'), "import './a.js';\nexport const b = 1;\n");
    expect(broken(await violations(['src'], { ...options, baseDir }))).toContain('no-circle');
  });

  /** A tree of two files, the first of which imports the second. */
  function story(from: string, to: string | null): string {
    const base = mkdtempSync(join(root, 'tree-'));
    const target = to?.startsWith('node_modules/')
      ? to.split('/')[1]!
      : `${'../'.repeat(from.split('/').length - 1)}${to}`;
    write(base, from, `import '${target.replace(/\.ts$/, '.js')}';\n`);
    if (to) write(base, to, 'module.exports = 1;\n');
    write(base, 'package.json', '{ "dependencies": { "ajv": "1", "typeorm": "1" } }');
    return base;
  }

  function write(base: string, path: string, text: string): void {
    mkdirSync(join(base, dirname(path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
});

/** Every file of src, by its path in it. */
function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
}

async function violations(paths: string[], how: ICruiseOptions): Promise<ICruiseResult> {
  const { output } = await cruise(paths, { ...how, validate: true }, undefined, {
    tsConfig: extractTSConfig('./tsconfig.json'),
  });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with text.');
  return output;
}

function broken(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule }) => rule.name);
}

/** Each violation as the command `npm run check:folders` tells it. */
async function told(result: ICruiseResult): Promise<string[]> {
  if (result.summary.violations.length === 0) return [];
  const { output } = await format(result, { outputType: 'err' });
  return (output as string).split('\n').filter(Boolean);
}

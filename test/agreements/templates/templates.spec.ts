import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  exampleOf,
  fillTemplate,
  findTemplate,
  readTemplates,
  Template,
  templates,
} from '../../../src/agreements/templates/templates.js';
import { Refusal } from '../../../src/kernel/refusal.js';
import { checkTerms } from '../../../src/terms/drafting/check-terms.js';
import type { Terms } from '../../../src/terms/terms.js';
import { approvalTier } from '../../../src/terms/tier.js';
import { cli } from '../../setup/built.js';
import { rightParameters } from './right-parameters.js';

const source = 'src/agreements/templates';
const shipped = templates().map((template): [string, Template] => [`${template.name}, v${template.version}`, template]);
const joint = findTemplate('joint-exercise', 1)!;

/** The terms of a filled template as the checks give them back, or a failure that lists what they found. */
function checked(template: Template, parameters: Record<string, unknown>): Terms {
  const { terms, prose } = fillTemplate(template, parameters);
  const result = checkTerms(terms, { clauseIds: prose.map(({ clauseId }) => clauseId) });
  expect(result.problems).toBeUndefined();
  return result.terms!;
}

/** The faults with which parameters are refused, by place. */
function faults(template: Template, parameters: Record<string, unknown>): Record<string, string> {
  try {
    fillTemplate(template, parameters);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    const { code, more } = error as Refusal;
    expect(code).toBe('invalid_request');
    expect(more.errors!.every(({ expected }) => expected)).toBe(true);
    expect(more).toMatchObject({ pointer: more.errors![0]!.pointer, expected: more.errors![0]!.expected });
    return Object.fromEntries(more.errors!.map(({ pointer, code: fault }) => [pointer, fault]));
  }
  return {};
}

describe('the templates that are shipped', () => {
  it('are these, each with the tier of approval and the longest term it was reviewed for', () => {
    expect(
      templates().map(({ name, version, tier, longestTermDays }) => [name, version, tier, longestTermDays]),
    ).toEqual([
      ['government-pre-deployment', 1, 'high', 90],
      ['independent-evaluation', 1, 'high', 366],
      ['joint-exercise', 1, 'standard', 184],
    ]);
  });

  it('are read once', () => {
    expect(templates()).toBe(templates());
  });

  it('are found by the program as it is built, word for word', () => {
    const built = join(dirname(cli()), 'agreements/templates/templates.js');
    const script = `import { templates } from '${built}'; process.stdout.write(JSON.stringify(templates()));`;
    const found = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    expect(JSON.parse(found)).toEqual(JSON.parse(JSON.stringify(templates())));
  });

  it('grant what they were reviewed for', () => {
    const granted = templates().map((template) => {
      const { scope, purposes, networks, keys, data } = checked(template, exampleOf(template));
      return [
        purposes.assessmentForm,
        scope.safeguardProfile,
        scope.models.map(({ stage }) => stage),
        networks.cidrs === 'any' ? 'open' : 'closed',
        keys.maxLifetimeDays,
        data.contentLogging,
        data.providerRetention.promptDays,
      ];
    });
    expect(granted).toEqual([
      ['independent_evaluation', 'helpful_only', ['pre_deployment'], 'closed', 14, 'metadata_only', 0],
      ['independent_evaluation', 'relaxed_external', ['deployed'], 'closed', 30, 'full', 90],
      ['joint_exercise', 'relaxed_external', ['deployed'], 'closed', 60, 'sampled', 30],
    ]);
  });
});

describe.each(shipped)('the template %s', (_, template) => {
  it('makes terms that hold together of any right parameters, of the tier it states', () => {
    fc.assert(
      fc.property(rightParameters(template), (parameters) => {
        expect(approvalTier(checked(template, parameters))).toBe(template.tier);
      }),
      { numRuns: 200 },
    );
  });

  it('puts in every parameter, in the terms or in the prose', () => {
    fc.assert(
      fc.property(rightParameters(template), (parameters) => {
        const { terms, prose } = fillTemplate(template, parameters);
        expect(JSON.stringify({ terms, prose }).match(/\{\{.*?\}\}/g)).toBeNull();
        expect(terms['networks']).toMatchObject({ cidrs: parameters['networks'] });
        expect(terms['scope']).toMatchObject({ models: parameters['models'], endpoints: parameters['endpoints'] });
        expect((terms['notices'] as Terms['notices']).addresses).toEqual([
          ...(parameters['providerNotices'] as string[]).map((email) => ({ party: 'provider', email })),
          ...(parameters['evaluatorNotices'] as string[]).map((email) => ({ party: 'evaluator', email })),
        ]);
        expect(prose.at(-1)!.text).toContain(`the law of ${String(parameters['governingLaw'])}`);
      }),
      { numRuns: 50 },
    );
  });

  it('says in the words of each clause every number and every code that the clause’s terms set', () => {
    const { terms, prose } = fillTemplate(template, exampleOf(template));
    for (const { clauseId, terms: blocks } of template.clauses) {
      const { text } = prose.find((clause) => clause.clauseId === clauseId)!;
      const set = Object.keys(blocks).flatMap((block) => settings(terms[block]));
      expect(
        set.filter((words) => !new RegExp(`(?<![\\w,])${RegExp.escape(words)}(?![\\w]|,\\d)`).test(text)),
        `clause ${clauseId}`,
      ).toEqual([]);
    }
  });

  it('refers only to clauses and paragraphs that it has', () => {
    const words = template.clauses.map(({ text }) => text).join('\n');
    const references = [...words.matchAll(/[Cc]lauses? ((?:\d+(?:\.\d+)?(?:, | and | or )?)+)/g)]
      .flatMap(([, list]) => list!.match(/\d+(?:\.\d+)?/g)!)
      .map((reference) => (reference.includes('.') ? `${reference} ` : reference));
    expect(references.length).toBeGreaterThan(20);
    const ids = new Set(template.clauses.map(({ clauseId }) => clauseId));
    expect(references.filter((one) => !ids.has(one) && !words.includes(`\n${one}`))).toEqual([]);
  });

  it('numbers its clauses and their paragraphs in one row', () => {
    expect(template.clauses.map(({ clauseId }) => clauseId)).toEqual(
      template.clauses.map((_clause, at) => `${at + 1}`),
    );
    for (const { clauseId, text } of template.clauses) {
      const numbers = [...text.matchAll(/^(\d+\.\d+) /gm)].map(([, number]) => number);
      expect(numbers).toEqual(numbers.map((_number, at) => `${clauseId}.${at + 1}`));
      expect(numbers.length).toBeGreaterThan(0);
      const letters = [...text.matchAll(/^\(([a-z])\) /gm)].map(([, letter]) => letter);
      expect(letters.join('')).toBe('abcdefghijklmnopqrstuvwxyz'.slice(0, letters.length));
    }
  });

  it('tells each parameter that is missing, at its place', () => {
    const every = Object.fromEntries(template.parameters.map(({ name }) => [`/parameters/${name}`, 'field.missing']));
    expect(faults(template, {})).toEqual(every);
    for (const { name } of template.parameters) {
      const { [name]: _left, ...others } = exampleOf(template);
      expect(faults(template, others)).toEqual({ [`/parameters/${name}`]: 'field.missing' });
    }
  });

  it('takes nothing wrong for right, whatever its type', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...template.parameters),
        fc.anything({ withNullPrototype: true }),
        (parameter, value) => {
          fc.pre(value !== undefined && !parameter.accepts(value));
          const parameters = { ...exampleOf(template), [parameter.name]: value };
          expect(faults(template, parameters)).toEqual({ [`/parameters/${parameter.name}`]: 'field.wrong' });
        },
      ),
    );
  });

  it('holds the term to what it is made for', () => {
    const withTerm = (effectiveFrom: string, expiresAt: string) =>
      faults(template, { ...exampleOf(template), effectiveFrom, expiresAt });
    const longest = new Date(Date.UTC(2027, 0) + template.longestTermDays * 86_400_000);
    expect(withTerm('2027-01-01T00:00:00Z', longest.toISOString())).toEqual({});
    const refused = { '/parameters/expiresAt': 'field.wrong' };
    expect(withTerm('2027-01-01T00:00:00Z', new Date(longest.getTime() + 1).toISOString())).toEqual(refused);
    expect(withTerm('2027-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z')).toEqual(refused);
    expect(withTerm('2027-01-01T00:00:00Z', '2026-12-31T23:59:59Z')).toEqual(refused);
  });
});

describe('parameters', () => {
  const atlas = { modelId: 'atlas-2', snapshot: 'atlas-2-2026-11-01' };

  it.each<[string, unknown]>([
    ['effectiveFrom', '2027-01-01'],
    ['effectiveFrom', '2027-02-30T00:00:00Z'],
    ['expiresAt', '2027-03-01T00:00:00+01:00'],
    ['models', []],
    ['models', ['atlas-2-2026-11-01']],
    ['models', [{ ...atlas, snapshot: 'atlas-2-latest' }]],
    ['models', [{ ...atlas, snapshot: 'atlas-2' }]],
    ['models', [{ ...atlas, stage: 'deployed' }]],
    ['models', [atlas, { ...atlas, modelId: 'atlas-2-code' }]],
    ['endpoints', ['messages', 'messages']],
    ['endpoints', ['two words']],
    ['requestsPerDay', 0],
    ['requestsPerDay', 1.5],
    ['requestsPerDay', '100'],
    ['requestsPerDay', 2 ** 53],
    ['timezone', 'CET+1'],
    ['networks', 'any'],
    ['networks', ['any']],
    ['networks', ['0.0.0.0/0']],
    ['networks', ['198.51.100.1/24']],
    ['researchers', 1_001],
    ['evaluatorDomains', ['Rival.Example']],
    ['evaluatorDomains', ['rival']],
    ['evaluationSets', ['']],
    ['evaluationSets', Array.from({ length: 26 }, (_, at) => `set-${at}`)],
    ['frameworks', ['our_own_promise']],
    ['providerNotices', []],
    ['evaluatorNotices', ['not an address']],
    ['evaluatorNotices', ['half\uD800@rival.example']],
    ['evaluatorNotices', ['zero\u0000@rival.example']],
    ['governingLaw', ''],
    ['governingLaw', 'England\n\n23. Further clauses'],
    ['governingLaw', 'x'.repeat(201)],
  ])('%s: %j is wrong', (name, value) => {
    expect(faults(joint, { ...exampleOf(joint), [name]: value })).toEqual({ [`/parameters/${name}`]: 'field.wrong' });
  });

  it('that the template does not ask are unknown, whatever they are called', () => {
    const unknown = JSON.parse('{ "safeguards": "none", "__proto__": 1, "toString": 1, "a/b": 1 }') as object;
    expect(Object.entries(faults(joint, { ...exampleOf(joint), ...unknown }))).toEqual([
      ['/parameters/safeguards', 'field.unknown'],
      ['/parameters/__proto__', 'field.unknown'],
      ['/parameters/toString', 'field.unknown'],
      ['/parameters/a~1b', 'field.unknown'],
    ]);
  });

  it('are told all at once', () => {
    const { networks: _left, ...others } = exampleOf(joint);
    expect(faults(joint, { ...others, researchers: 0, surprise: 1 })).toEqual({
      '/parameters/networks': 'field.missing',
      '/parameters/researchers': 'field.wrong',
      '/parameters/surprise': 'field.unknown',
    });
  });

  it('may be as many and as long as they can be: each clause stays within what an agreement takes', () => {
    const many = (make: (start: string) => string) => Array.from({ length: 25 }, (_, at) => make(`x${at}`));
    const long = many((start) => start.padEnd(128, 'x'));
    for (const template of templates()) {
      const { prose } = fillTemplate(template, {
        ...exampleOf(template),
        models: long.map((modelId) => ({ modelId, snapshot: `${modelId.slice(1)}1` })),
        endpoints: long,
        evaluationSets: long,
        evaluatorDomains: many((start) => `${`${start}.`.padEnd(240, 'x.')}example`),
        providerNotices: many((start) => `${start.padEnd(64, 'x')}@${'x'.repeat(253)}`),
        evaluatorNotices: many((start) => `${start.padEnd(64, 'x')}@${'x'.repeat(253)}`),
      });
      expect(Math.max(...prose.map(({ text }) => text.length))).toBeLessThanOrEqual(20_000);
    }
  });

  it('stand as they are given: a value that looks like a parameter is not filled again', () => {
    const { prose } = fillTemplate(joint, { ...exampleOf(joint), governingLaw: '{{networks}} $& $1' });
    expect(prose.at(-1)!.text).toContain('the law of {{networks}} $& $1.');
  });

  it('are not shared with what is made of them', () => {
    const parameters = exampleOf(joint);
    const { terms } = fillTemplate(joint, parameters);
    (terms['networks'] as { cidrs: string[] }).cidrs.push('203.0.113.0/24');
    expect(parameters).toEqual(exampleOf(joint));
    expect(fillTemplate(joint, parameters).terms['networks']).toMatchObject({ cidrs: ['198.51.100.0/24'] });
  });
});

describe('a directory of templates', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-templates-'));
  const good = readFileSync(join(source, 'joint-exercise.v1.md'), 'utf8');
  let directories = 0;

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function directoryOf(files: Record<string, string>): string {
    const directory = join(root, String(directories++));
    cpSync(source, directory, { recursive: true, filter: (path) => !path.endsWith('.md') });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return directory;
  }

  const version = (number: number) => good.replace('- Version: 1\n', `- Version: ${number}\n`);

  it('is listed by name, with the newest version last', () => {
    const directory = directoryOf({
      'joint-exercise.v10.md': version(10),
      'another.v1.md': good,
      'joint-exercise.v2.md': version(2),
      'joint-exercise.v1.md': good,
    });
    const read = readTemplates(directory).map((template) => `${template.name} ${template.version}`);
    expect(read).toEqual(['another 1', 'joint-exercise 1', 'joint-exercise 2', 'joint-exercise 10']);
  });

  it('without a template is an error: the build has lost them', () => {
    expect(() => readTemplates(directoryOf({}))).toThrow(/^There are no agreement templates in /);
  });

  it.each<[string, string, string, string]>([
    ['Joint.v1.md', '', '', 'It is not called <name>.v<version>.md.'],
    ['joint-exercise.v2.md', '', '', 'It says that it is version 1.'],
    ['a.v1.md', '# Joint', 'Joint', 'It does not begin with a title'],
    ['a.v1.md', '- Version: 1\n', '', 'The fact "Version" is missing or malformed.'],
    ['a.v1.md', 'tier: standard', 'tier: low', 'The fact "Approval tier" is missing or malformed.'],
    ['a.v1.md', 'tier: standard', 'tier: high', 'Its tier is not high.'],
    ['a.v1.md', '- For: ', '- To: a friend\n- For: ', 'There is no fact "To".'],
    ['a.v1.md', '## 3. Term', '## Term', 'This is not a clause: Term'],
    ['a.v1.md', '## 3. Term', '## 2. Term', 'Clause 2 holds terms of clause 3.'],
    ['a.v1.md', '## 13. Confidentiality', '## 2. Confidentiality', 'clause 2 stands twice.'],
    ['a.v1.md', '## 3. Term', '### 3. Term', 'Clause 2 is not prose followed by one block of JSON.'],
    ['a.v1.md', '```json\n{ "schema"', '```\n{ "schema"', 'Clause 1 is not prose followed by one block of JSON.'],
    ['a.v1.md', '{ "schema"', '{ schema', 'at position 2'],
    ['a.v1.md', '{ "schema"', '{ "term": {}, "schema"', 'term stands twice.'],
    ['a.v1.md', '"cidrs": "{{networks}}"', '"cidrs": "{{network}}"', 'No parameter fills {{network}}'],
    ['a.v1.md', 'of {{governingLaw}}', 'of {{ governingLaw }}', 'No parameter fills {{ governingLaw }}'],
    [
      'a.v1.md',
      '"email": "{{providerNotices.each}}"',
      '"email": "{{providerNotices}}"',
      'terms.wrong_type at /notices',
    ],
    ['a.v1.md', '{{models.snapshot}}', '{{models.name}}', 'terms.missing_field at /scope/models/0/snapshot'],
    ['a.v1.md', '"renewal": "by_amendment"', '"renewal": "automatic"', 'terms.unknown_code at /term/renewal'],
    ['a.v1.md', '["5", "12"', '["5", "99"', 'terms.unknown_clause at /termination/survivingClauses/1'],
    ['a.v1.md', '- Longest term: 184 days', '- Longest term: 30 days', '/parameters/expiresAt is not'],
  ])('%s with %j for %j is an error that says so', (file, before, after, message) => {
    expect(good).toContain(before);
    const directory = directoryOf({ [file]: good.replace(before, () => after) });
    let told = '';
    try {
      readTemplates(directory);
    } catch (error) {
      told = (error as Error).message;
    }
    expect(told).toContain(`The agreement template ${file}: `);
    expect(told).toContain(message);
  });
});

describe('finding a template', () => {
  it('gives the newest version, or the one asked for, or nothing', () => {
    expect(findTemplate('joint-exercise')).toBe(templates().findLast(({ name }) => name === 'joint-exercise'));
    expect(findTemplate('joint-exercise', 1)).toBe(joint);
    expect(findTemplate('joint-exercise', 99)).toBeUndefined();
    expect(findTemplate('joint')).toBeUndefined();
    expect(findTemplate('toString')).toBeUndefined();
  });
});

/** Every number and code that a value sets, as the prose says it; not what only ties terms and prose together. */
function settings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [value.toLocaleString('en-GB')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'clauseRef' || key === 'heldBy' ? [] : settings(member),
  );
}

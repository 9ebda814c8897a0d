import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../kernel/refusal.js';
import type { ProseClause } from '../../terms/digest.js';
import { checkTerms } from '../../terms/drafting/check-terms.js';
import { approvalTier } from '../../terms/tier.js';
import { fillProse, fillTerms, namesIn } from './filling.js';
import { parameterFaults } from './parameter-faults.js';
import { PARAMETERS, TemplateParameter } from './parameters.js';
import { parseTemplate, TemplateFile } from './template-file.js';

/** A text that an agreement may start from. A version that was released stays as it is; a change is a new version. */
export interface Template extends TemplateFile {
  /** What it is called in requests, such as `joint-exercise`. */
  readonly name: string;
  /** What an agreement must settle for itself, in the order in which it is asked. */
  readonly parameters: readonly TemplateParameter[];
}

/** A text to draft an agreement with: terms that hold together, and prose that says the same, in reading order. */
export interface FilledTemplate {
  terms: Record<string, unknown>;
  prose: ProseClause[];
}

const FILE_NAME = /^(?<name>[a-z]+(?:-[a-z]+)*)\.v(?<version>[1-9]\d*)\.md$/;

let shipped: readonly Template[] | undefined;

/**
 * Every shipped template in every version, by name, the newest version of each last. They are read once, at the first
 * call, which throws an Error that names the file when one of them does not hold together.
 */
export function templates(): readonly Template[] {
  shipped ??= readTemplates(import.meta.dirname);
  return shipped;
}

/** The template of that name, in its newest version unless another is asked for. */
export function findTemplate(name: string, version?: number): Template | undefined {
  return templates().findLast((one) => one.name === name && (version === undefined || one.version === version));
}

/** The template as {@link findTemplate} finds it; throws `Refusal('not_found')` where there is none. */
export function existingTemplate(name: string, version?: number): Template {
  const template = findTemplate(name, version);
  if (template === undefined) throw new Refusal('not_found');
  return template;
}

/**
 * The template with its parameters put in. The result passes `checkTerms`; what is put in stands as it is given.
 *
 * Throws `Refusal('invalid_request')` with a fault at `/parameters/<name>` for each that is missing, unknown or wrong.
 */
export function fillTemplate(template: Template, parameters: Readonly<Record<string, unknown>>): FilledTemplate {
  const values = new Map(Object.entries(parameters));
  const errors = parameterFaults(template, values);
  const [first] = errors;
  if (first) {
    const { detail, pointer, expected } = first;
    throw new Refusal('invalid_request', detail, { pointer, expected, errors });
  }
  const words = new Map(template.parameters.map(({ name, inWords }) => [name, inWords(values.get(name))]));
  const blocks = template.clauses.flatMap(({ terms }) => Object.entries(terms));
  return {
    terms: Object.fromEntries(blocks.map(([block, terms]) => [block, fillTerms(terms, values)])),
    prose: template.clauses.map(({ clauseId, heading, text }) => ({ clauseId, heading, text: fillProse(text, words) })),
  };
}

/** Parameters that would do, to start from: those with which each template is tried when it is read. */
export function exampleOf({ parameters }: Template): Record<string, unknown> {
  return Object.fromEntries(parameters.map(({ name, example }) => [name, example]));
}

/** The templates of a directory, one file a version, as {@link templates} lists those of this one. */
export function readTemplates(directory: string): readonly Template[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.md'));
  if (files.length === 0) throw new Error(`There are no agreement templates in ${directory}.`);
  return files
    .map((file) => {
      try {
        return readTemplate(directory, file);
      } catch (error) {
        throw new Error(`The agreement template ${file}: ${(error as Error).message}`, { cause: error });
      }
    })
    .toSorted((one, other) => (one.name === other.name ? one.version - other.version : one.name < other.name ? -1 : 1));
}

function readTemplate(directory: string, file: string): Template {
  const { name, version } = FILE_NAME.exec(file)?.groups ?? {};
  if (!name || !version) throw new Error('It is not called <name>.v<version>.md.');
  const source = readFileSync(join(directory, file), 'utf8');
  const names = namesIn(source);
  const parameters = PARAMETERS.filter((parameter) => names.has(parameter.name));
  const template = { name, ...parseTemplate(source), parameters };
  if (template.version !== Number(version)) throw new Error(`It says that it is version ${template.version}.`);
  assertHolds(template);
  return template;
}

/** A template holds together when the examples of its parameters make a text of the tier that it states. */
function assertHolds(template: Template): void {
  const { terms, prose } = fillTemplate(template, exampleOf(template));
  const unfilled = /\{\{.{0,40}/.exec(JSON.stringify({ terms, prose }));
  if (unfilled) throw new Error(`No parameter fills ${unfilled[0]}`);
  const checked = checkTerms(terms, { clauseIds: prose.map(({ clauseId }) => clauseId) });
  const [problem] = checked.problems ?? [];
  if (problem) throw new Error(`${problem.code} at ${problem.pointer}: ${problem.detail}`);
  if (checked.terms && approvalTier(checked.terms) !== template.tier)
    throw new Error(`Its tier is not ${template.tier}.`);
}

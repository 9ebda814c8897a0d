import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { childPointer } from '../../kernel/json-pointer.js';
import { formats } from './formats.js';
import { normalise } from './normalise.js';
import type { TermsProblem, TermsProblemCode } from './problems.js';
import { brokenRules } from './rules.js';
import { termsSchema } from './schema.js';
import type { Terms } from '../terms.js';

/** Either terms that hold together, normalised and frozen, or every problem found, in order of place. */
export type CheckedTerms =
  { readonly terms: Terms; readonly problems?: never } | { readonly problems: TermsProblem[]; readonly terms?: never };

const shape = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  allErrors: true,
  discriminator: true,
  formats,
}).compile<Terms>(termsSchema);

/**
 * Checks a draft: first its shape, then the rules across its fields. Never throws, whatever the value.
 *
 * Strings are brought to Unicode NFC first, so that texts that look alike have one digest; the terms returned are the
 * normalised ones. With `clauseIds` (the clauses of the prose), every `clauseRef` must be one of them.
 */
export function checkTerms(value: unknown, prose: { readonly clauseIds?: Iterable<string> } = {}): CheckedTerms {
  const { value: normalised, problems } = normalise(value);
  if (problems.length > 0) return { problems };
  if (!shape(normalised)) return { problems: shapeProblems(shape.errors ?? []) };
  const broken = brokenRules(normalised, prose.clauseIds && new Set(prose.clauseIds));
  return broken.length > 0 ? { problems: broken } : { terms: normalised };
}

function shapeProblems(errors: readonly ErrorObject[]): TermsProblem[] {
  const problems = new Map<string, TermsProblem>();
  for (const error of errors) {
    const problem = shapeProblem(error);
    if (problem === null) continue;
    const already = problems.get(problem.pointer);
    // Of a value of the wrong type, nothing else is worth saying.
    if (already === undefined || problem.code === 'terms.wrong_type') problems.set(problem.pointer, problem);
  }
  return [...problems.values()];
}

interface Reading {
  readonly code: TermsProblemCode;
  readonly detail: string;
  readonly expected: (error: ErrorObject) => string;
}

const parameter =
  (name: string) =>
  (error: ErrorObject): string =>
    [error.params[name]].flat().join(', ');

const RANGE: Reading = {
  code: 'terms.out_of_range',
  detail: 'This is outside its limits.',
  expected: (error) => error.message ?? 'a value within the limits',
};
const CODE: Reading = {
  code: 'terms.unknown_code',
  detail: 'This code is not in the closed list.',
  expected: (error) => (error.keyword === 'enum' ? parameter('allowedValues')(error) : 'calendar, rolling, term'),
};
const MALFORMED: Reading = {
  code: 'terms.malformed',
  detail: 'This text is not in the form asked for.',
  expected: (error) => `${error.keyword} ${[error.params['format'] ?? error.params['pattern']].join('')}`,
};

/** What each keyword of the schema means to the person drafting. A keyword that is missing here adds nothing of its own. */
const READINGS: Readonly<Record<string, Reading>> = {
  additionalProperties: {
    code: 'terms.unknown_field',
    detail: 'The schema has no such field.',
    expected: () => 'no such field',
  },
  required: { code: 'terms.missing_field', detail: 'This field must be given.', expected: () => 'a value' },
  type: { code: 'terms.wrong_type', detail: 'This is a value of another type.', expected: parameter('type') },
  enum: CODE,
  const: { code: 'terms.fixed_value', detail: 'Only one value is accepted here.', expected: parameter('allowedValue') },
  uniqueItems: { code: 'terms.duplicate', detail: 'The same item comes twice.', expected: () => 'each item once' },
  pattern: MALFORMED,
  format: MALFORMED,
  minimum: RANGE,
  maximum: RANGE,
  minLength: RANGE,
  maxLength: RANGE,
  maxItems: RANGE,
};

const ALIAS_REFUSED: Reading = {
  code: 'terms.alias_refused',
  detail: 'A snapshot must be named exactly; this name may come to mean another model.',
  expected: () => 'an exact snapshot, without words such as "latest"',
};

function shapeProblem(error: ErrorObject): TermsProblem | null {
  const reading = readingOf(error);
  if (reading === undefined) return null;
  return {
    pointer: placeOf(error),
    code: reading.code,
    detail: reading.detail,
    expected: reading.expected(error),
  };
}

function readingOf({ keyword, params }: ErrorObject): Reading | undefined {
  if (params['format'] === 'exact-snapshot') return ALIAS_REFUSED;
  if (keyword === 'discriminator') return params['tagValue'] === undefined ? READINGS['required'] : CODE;
  return READINGS[keyword];
}

/** An unknown or missing field is reported at its own place, not at the object around it. */
function placeOf(error: ErrorObject): string {
  const member: unknown = error.params['additionalProperty'] ?? error.params['missingProperty'] ?? error.params['tag'];
  return typeof member === 'string' ? childPointer(error.instancePath, member) : error.instancePath;
}

import { FRAMEWORKS } from '../../terms/conditions.js';
import { formats, isName } from '../../terms/drafting/formats.js';

/** Something that every agreement settles for itself; a template names it in double braces, such as `{{networks}}`. */
export interface TemplateParameter extends Kind {
  readonly name: string;
  /** What it settles, as a sentence. */
  readonly meaning: string;
  /** A right value, with which each template is tried when it is read. */
  readonly example: unknown;
}

/** A kind of value. */
interface Kind {
  /** What a right value looks like, in words. */
  readonly expected: string;
  /** Whether the value is a right one. Never throws, whatever the value. */
  readonly accepts: (value: unknown) => boolean;
  /** A right value as the prose says it. */
  readonly inWords: (value: unknown) => string;
}

/** One exact model, which is in scope for the whole term. */
interface Model {
  readonly modelId: string;
  readonly snapshot: string;
}

/** So few that a clause which lists them stays within the length that an agreement's prose may have. */
const ITEMS_MAX = 25;
const WORDS_LENGTH_MAX = 200;

const instant = text('an instant in UTC such as 2027-01-01T00:00:00Z', formats['date-time']);
const networks = listOf('CIDR blocks', formats.cidr, 1);
const names = 'names of up to 128 letters, digits and . _ : / @ -';
const emails = listOf('e-mail addresses', (one) => isPlain(one) && formats['email-address'](one), 1);

/** Every parameter that a template may name, in the order shown. The list is closed: a template that names another fails. */
export const PARAMETERS: readonly TemplateParameter[] = [
  parameter('effectiveFrom', 'The instant from which the agreement holds.', instant, '2027-01-01T00:00:00Z'),
  parameter('expiresAt', 'The instant at which it no longer holds.', instant, '2027-03-01T00:00:00Z'),
  parameter('models', 'The models in scope, for the whole term.', models(), [
    { modelId: 'atlas-2', snapshot: 'atlas-2-2026-11-01' },
  ]),
  parameter('modelStage', 'Where the models stand.', choice('pre_deployment', 'deployed'), 'deployed'),
  parameter('safeguards', 'What is left of the safeguards.', choice('helpful_only', 'none'), 'helpful_only'),
  parameter('endpoints', 'The provider’s endpoints that may be called.', listOf(names, isName, 1), ['messages']),
  parameter('requestsPerDay', 'The most requests in a calendar day.', count(), 100_000),
  parameter('outputTokensPerDay', 'The most output tokens in a calendar day.', count(), 50_000_000),
  parameter('tokensInTerm', 'The most tokens, in and out together, in the whole term.', count(), 2_000_000_000),
  parameter('timezone', 'The zone of calendar days and business days.', zone(), 'Europe/London'),
  parameter('networks', 'The evaluator’s networks, from which requests come.', networks, ['198.51.100.0/24']),
  parameter('researchers', 'How many people the roster holds at most.', count(1, 1_000), 12),
  parameter('evaluatorDomains', 'The domains of the researchers’ e-mail addresses.', domains(), ['rival.example']),
  parameter('evaluationSets', 'The registered evaluation sets that may be run.', listOf(names, isName, 0), []),
  parameter('frameworks', 'The public commitments that are served.', frameworks(), ['seoul_commitments']),
  parameter('providerNotices', 'Where notices to the lab go.', emails, ['notices@lab.example']),
  parameter('evaluatorNotices', 'Where notices to the partner go.', emails, ['notices@rival.example']),
  parameter('governingLaw', 'Whose law governs, as it follows “the law of”.', words(), 'England and Wales'),
];

// oxlint-disable-next-line max-params -- one row of a table, read as a row
function parameter(name: string, meaning: string, kind: Kind, example: unknown): TemplateParameter {
  return { name, meaning, ...kind, example };
}

function text(expected: string, accepts: (one: string) => boolean): Kind {
  return {
    expected,
    accepts: (value) => typeof value === 'string' && accepts(value),
    inWords: (value) => String(value),
  };
}

/** Words that stand within a sentence of the prose. */
function words(): Kind {
  const expected = `a text of 1 to ${WORDS_LENGTH_MAX} characters, on one line`;
  return text(expected, (one) => one !== '' && one.length <= WORDS_LENGTH_MAX && isPlain(one));
}

function zone(): Kind {
  return text('an IANA time zone such as Europe/London', formats['iana-time-zone']);
}

function choice(...values: string[]): Kind {
  return text(`one of: ${values.join(', ')}`, (one) => values.includes(one));
}

/** A whole number from `min` (1) to `max` (2^53−1). */
function count(min = 1, max = Number.MAX_SAFE_INTEGER): Kind {
  return {
    expected: `a whole number from ${min} to ${max}`,
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
    inWords: (value) => Number(value).toLocaleString('en-GB'),
  };
}

/** A list of different texts, `min` to 25 of them. */
function listOf(what: string, accepts: (one: string) => boolean, min: number): Kind {
  const isOne = (one: unknown) => typeof one === 'string' && accepts(one);
  return {
    expected: `a list of ${min} to ${ITEMS_MAX} different ${what}`,
    accepts: (value) => Array.isArray(value) && hasLength(value, min) && value.every(isOne) && areDifferent(value),
    inWords: (value) => listed(value as string[]),
  };
}

function domains(): Kind {
  return listOf('domains in lower case', formats.domain, 1);
}

function frameworks(): Kind {
  const labels = new Map<string, string>(FRAMEWORKS.map(({ code, label }) => [code, label]));
  const kind = listOf(`codes of: ${[...labels.keys()].join(', ')}`, (one) => labels.has(one), 0);
  return {
    ...kind,
    inWords: (value) =>
      listed(
        (value as string[]).map((code) => `${labels.get(code)} (\`${code}\`)`),
        '; ',
      ),
  };
}

function models(): Kind {
  return {
    expected: `a list of 1 to ${ITEMS_MAX} models {modelId, snapshot}, each an exact snapshot of its own`,
    accepts: (value) =>
      Array.isArray(value) &&
      hasLength(value, 1) &&
      value.every(isModel) &&
      areDifferent(value.map(({ snapshot }) => snapshot)),
    inWords: (value) => listed((value as Model[]).map(({ modelId, snapshot }) => `${modelId} (snapshot ${snapshot})`)),
  };
}

function isModel(value: unknown): value is Model {
  if (typeof value !== 'object' || value === null) return false;
  const { modelId, snapshot, ...more } = value as Record<string, unknown>;
  if (typeof modelId !== 'string' || typeof snapshot !== 'string' || Object.keys(more).length > 0) return false;
  // The name of a model stands for whichever snapshot is current.
  return isName(modelId) && formats['exact-snapshot'](snapshot) && snapshot !== modelId;
}

function hasLength({ length }: readonly unknown[], min: number): boolean {
  return length >= min && length <= ITEMS_MAX;
}

function areDifferent(list: readonly unknown[]): boolean {
  return new Set(list).size === list.length;
}

function listed(items: readonly string[], separator = ', '): string {
  return items.length === 0 ? 'none' : items.join(separator);
}

/** Neither control characters nor line breaks have a place within a sentence; nor has half of a character. */
function isPlain(one: string): boolean {
  return !/[\p{C}\p{Zl}\p{Zp}]/u.test(one);
}

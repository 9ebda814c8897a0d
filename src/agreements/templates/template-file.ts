import { parseStrictJson } from '../../kernel/strict-json.js';
import type { ApprovalTier } from '../../terms/tier.js';

/** A template as its file says it, in reading order; placeholders are not yet filled. */
export interface TemplateFile {
  readonly version: number;
  readonly title: string;
  /** What the agreement is for, in a few sentences. */
  readonly about: string;
  /** Who takes it. */
  readonly forWhom: string;
  /** What must be so for it to fit. */
  readonly presumes: string;
  readonly tier: ApprovalTier;
  /** The longest term it is made for. */
  readonly longestTermDays: number;
  readonly clauses: readonly TemplateClause[];
}

/** A clause: its prose, and the blocks of terms that it governs (none where it is `{}`). */
export interface TemplateClause {
  readonly clauseId: string;
  readonly heading: string;
  readonly text: string;
  readonly terms: Readonly<Record<string, unknown>>;
}

const FRONT = /^# (?<title>.+)\n\n(?<about>[^]+?)\n\n(?<items>- [^]+)$/;
const SECTION = /^(?<clauseId>[A-Za-z0-9][A-Za-z0-9.-]*?)\. (?<heading>.+)\n\n(?<rest>[^]+)$/;
const FENCED = /^(?<prose>[^]*?)\n\n```json\n(?<json>[^]*?)\n```$/;

/**
 * Reads a template: Markdown with a title, what it is about and a list of facts, and then one section a clause, whose
 * prose may be followed by a block of JSON. Throws an Error that says what is malformed and where.
 */
export function parseTemplate(source: string): TemplateFile {
  const [front = '', ...sections] = source.trim().split(/^## /m);
  const clauses = sections.map((section) => parseClause(section.trim()));
  const seen = new Set<string>();
  for (const name of clauses.flatMap(({ clauseId, terms }) => [`clause ${clauseId}`, ...Object.keys(terms)])) {
    if (seen.has(name)) throw new Error(`${name} stands twice.`);
    seen.add(name);
  }
  return { ...parseFront(front.trim()), clauses };
}

function parseFront(front: string): Omit<TemplateFile, 'clauses'> {
  const { title, about, items } = FRONT.exec(front)?.groups ?? {};
  if (!title || !about || !items) throw new Error('It does not begin with a title, what it is about and its facts.');
  const facts = new Map(items.split(/^- /m).slice(1).map(parseFact));
  const fact = (name: string, pattern = /^.+$/): string => {
    const value = facts.get(name) ?? '';
    facts.delete(name);
    if (!pattern.test(value)) throw new Error(`The fact "${name}" is missing or malformed.`);
    return value;
  };
  const read = {
    version: Number(fact('Version', /^[1-9]\d{0,8}$/)),
    title,
    about: unwrapped(about),
    forWhom: fact('For'),
    presumes: fact('Presumes'),
    tier: fact('Approval tier', /^(?:standard|high)$/) as ApprovalTier,
    longestTermDays: Number.parseInt(fact('Longest term', /^[1-9]\d{0,4} days$/), 10),
  };
  for (const name of facts.keys()) throw new Error(`There is no fact "${name}".`);
  return read;
}

function parseFact(item: string): [name: string, value: string] {
  const [name = '', ...value] = unwrapped(item.replaceAll(/\n {2}/g, '\n')).split(': ');
  return [name, value.join(': ')];
}

function parseClause(section: string): TemplateClause {
  const { clauseId, heading, rest } = SECTION.exec(section)?.groups ?? {};
  if (!clauseId || !heading || !rest) throw new Error(`This is not a clause: ${section.slice(0, 40)}`);
  return { clauseId, heading, ...parseBody(clauseId, rest) };
}

function parseBody(clauseId: string, body: string): Pick<TemplateClause, 'text' | 'terms'> {
  const { prose = body, json = '{}' } = FENCED.exec(body)?.groups ?? {};
  if (/^(?:#|```)/m.test(prose)) throw new Error(`Clause ${clauseId} is not prose followed by one block of JSON.`);
  const terms = parseStrictJson(json) as Record<string, unknown>;
  const stray = clauseRefs(terms).find((clauseRef) => clauseRef !== clauseId);
  if (stray !== undefined) throw new Error(`Clause ${clauseId} holds terms of clause ${stray}.`);
  return { text: unwrapped(prose), terms };
}

/** Paragraphs on one line each; where a line of the file ends says nothing. */
function unwrapped(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replaceAll('\n', ' '))
    .join('\n\n');
}

function clauseRefs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    key === 'clauseRef' ? [String(member)] : clauseRefs(member),
  );
}

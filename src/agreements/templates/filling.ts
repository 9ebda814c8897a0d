/** The right values of parameters, by name. */
export type Values = ReadonlyMap<string, unknown>;

const PLACEHOLDER = /\{\{([A-Za-z]+)(?:\.([A-Za-z]+))?\}\}/g;
const WHOLE_PLACEHOLDER = /^\{\{([A-Za-z]+)(?:\.([A-Za-z]+))?\}\}$/;

/** The names of the parameters that a text names in double braces. */
export function namesIn(source: string): ReadonlySet<string> {
  return new Set([...source.matchAll(PLACEHOLDER)].map(([, name]) => name!));
}

/** Prose with each placeholder replaced by `words` of its parameter. What is put in is never itself filled. */
export function fillProse(prose: string, words: ReadonlyMap<string, string>): string {
  return prose.replaceAll(PLACEHOLDER, (placeholder, name: string) => words.get(name) ?? placeholder);
}

/**
 * Terms with each placeholder, which is always a whole text, replaced by the value of its parameter, whatever its type.
 * In a list, an object with a placeholder such as `{{models.snapshot}}` or `{{addresses.each}}` is repeated for each
 * item of that parameter. A placeholder without a value stays as it is.
 */
export function fillTerms(terms: unknown, values: Values): unknown {
  if (typeof terms === 'string') return valueOf(terms, values);
  if (Array.isArray(terms)) return terms.flatMap((item: unknown) => repeated(item, values));
  if (typeof terms !== 'object' || terms === null) return terms;
  return Object.fromEntries(Object.entries(terms).map(([key, member]) => [key, fillTerms(member, values)]));
}

function valueOf(text: string, values: Values): unknown {
  const [, name, member] = WHOLE_PLACEHOLDER.exec(text) ?? [];
  if (name === undefined || !values.has(name)) return text;
  const value = values.get(name);
  return structuredClone(
    member === undefined || member === 'each' ? value : (value as Record<string, unknown>)[member],
  );
}

function repeated(item: unknown, values: Values): unknown[] {
  const name = listNamedIn(item);
  const list = name === null ? undefined : values.get(name);
  if (name === null || !Array.isArray(list)) return [fillTerms(item, values)];
  return list.map((one: unknown) => fillTerms(item, new Map([...values, [name, one]])));
}

/** The parameter for whose items an object is repeated. */
function listNamedIn(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null;
  for (const member of Object.values(item)) {
    const [, name, part] = (typeof member === 'string' && WHOLE_PLACEHOLDER.exec(member)) || [];
    if (name !== undefined && part !== undefined) return name;
  }
  return null;
}

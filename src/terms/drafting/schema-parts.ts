/** A JSON Schema (2020-12), or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Whole numbers stay within 2^53−1, so that every JSON reader sees the same one. */
export const COUNT_MAX = Number.MAX_SAFE_INTEGER;
/** Lists are bounded, so that weighing a request never depends on a partner's patience. */
const ITEMS_MAX = 500;
const TEXT_LENGTH_MAX = 2_000;
const DAYS_MAX = 36_500;

/** A closed object: every member is required unless listed as optional, and no other is accepted. */
export function closed(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, required, properties };
}

/** A block of terms: a closed object which also points into the prose and says how it is held. */
export function clause(
  heldBy: readonly string[],
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  return closed({ clauseRef, heldBy: oneOf(heldBy), ...properties }, optional);
}

export function oneOf(codes: readonly string[]): JsonSchema {
  return { type: 'string', enum: codes };
}

export function only(value: string | boolean): JsonSchema {
  return { type: typeof value, const: value };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items, maxItems: ITEMS_MAX };
}

/** A list in which no item comes twice. */
export function setOf(items: JsonSchema): JsonSchema {
  return { ...listOf(items), uniqueItems: true };
}

export function integer(minimum: number, maximum: number): JsonSchema {
  return { type: 'integer', minimum, maximum };
}

/** A text in one of the formats that `schema.ts` gives to the compiler. */
export function formatted(format: string): JsonSchema {
  return { type: 'string', maxLength: TEXT_LENGTH_MAX, format };
}

export const count = integer(0, COUNT_MAX);
export const days = integer(0, DAYS_MAX);
export const daysAtLeastOne = integer(1, DAYS_MAX);
export const flag: JsonSchema = { type: 'boolean' };
export const text: JsonSchema = { type: 'string', minLength: 1, maxLength: TEXT_LENGTH_MAX };
export const instant = formatted('date-time');
export const timeZone = formatted('iana-time-zone');
export const clauseRef: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$' };
export const name: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$' };

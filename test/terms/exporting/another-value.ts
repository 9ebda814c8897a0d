import { parseInstant } from '../../../src/kernel/instants.js';
import { termsSchema } from '../../../src/terms/drafting/schema.js';
import type { Terms } from '../../../src/terms/terms.js';
import { edited } from '../edited.js';

type Part = Readonly<Record<string, unknown>>;

/** Terms that differ from these in one place. */
export interface Changed {
  readonly pointer: string;
  readonly terms: Terms;
}

/**
 * For every value in the terms, the same terms with another value there that the schema knows; and for every item of a
 * list, the same terms without it. Values of which the schema accepts only one have no other.
 */
export function changedInOnePlace(terms: Terms): Changed[] {
  return changes(terms, termsSchema, '').map(({ pointer, value }) => ({
    pointer,
    terms: edited(terms, pointer, value),
  }));
}

function changes(value: unknown, schema: Part, pointer: string): { pointer: string; value: unknown }[] {
  if (Array.isArray(value)) {
    const items = value.flatMap((item, index) => changes(item, Object(schema['items']), `${pointer}/${index}`));
    const shorter = value.map((_, index) => ({ pointer, value: value.toSpliced(index, 1) }));
    return [...items, ...shorter];
  }
  if (value === null) return [];
  if (typeof value === 'object') {
    const properties = propertiesOf(schema, Object(value) as Part);
    return Object.entries(value).flatMap(([name, member]) =>
      changes(member, Object(properties[name]), `${pointer}/${name}`),
    );
  }
  const changed = 'const' in schema ? undefined : another(value, schema);
  return changed === undefined ? [] : [{ pointer, value: changed }];
}

/** An object of several kinds has the properties of the kind it is. */
function propertiesOf(schema: Part, value: Part): Readonly<Record<string, Part>> {
  const kinds = [schema['oneOf'] ?? schema].flat().map((kind) => Object(Object(kind)['properties']));
  return kinds.find((properties) => properties.kind?.const === value['kind']) ?? kinds[0];
}

function another(value: unknown, schema: Part): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 100 ? 99 : value + 1;
  if (Array.isArray(schema['enum'])) return nextOf(schema['enum'], value);
  return otherText(String(value));
}

/** Nothing when the list has no other code. */
function nextOf(codes: readonly unknown[], value: unknown): unknown {
  return codes.length < 2 ? undefined : codes[(codes.indexOf(value) + 1) % codes.length];
}

function otherText(text: string): string {
  if (parseInstant(text) !== null) return '2026-04-04T04:04:04Z';
  if (text === 'any') return 'none';
  return /^\d+$/.test(text)
    ? `${text}1`
    : text.replace(/[A-Za-z0-9](?=[^A-Za-z0-9]*$)/, (last) => (last === 'x' ? 'y' : 'x'));
}

import { pointerTo } from '../../../src/kernel/json-pointer.js';

/** A part of the OpenAPI document, as far as requests are read from it. */
export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  type?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  nullable?: boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  example?: unknown;
}

interface Operation {
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** One route as the document tells of it. */
export interface Route {
  /** `POST /v1/agreements/{id}/decline`. */
  name: string;
  method: string;
  path: string;
  /** What its body must be; null for a route without one. */
  body: Schema | null;
  query: { name: string; schema: Schema }[];
}

/** What a field takes, by the decorator with which it is declared. */
export type Kind =
  | 'text'
  | 'pattern'
  | 'email'
  | 'id'
  | 'instant'
  | 'date'
  | 'word'
  | 'flag'
  | 'statement'
  | 'count'
  | 'object'
  | 'list'
  | 'words'
  | 'texts'
  | 'json';

export type Path = readonly (string | number)[];

/** A field of a request body. */
export interface Field {
  path: Path;
  pointer: string;
  kind: Kind;
  schema: Schema;
  optional: boolean;
}

/** Kinds that hold other fields, so that a wrong value in place of one hides those. */
export const containers: readonly Kind[] = ['object', 'list', 'words', 'texts', 'json'];

/** The routes of the document whose path begins as one of these. */
export function routesUnder(document: Document, roots: readonly string[]): Route[] {
  const isWanted = (path: string) => roots.some((root) => path === root || path.startsWith(`${root}/`));
  return Object.entries(document.paths)
    .filter(([path]) => isWanted(path))
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): Route => {
        const schema = operation.requestBody?.content['application/json']?.schema;
        return {
          name: `${method.toUpperCase()} ${path}`,
          method: method.toUpperCase(),
          path,
          body: schema ? resolve(document, schema) : null,
          query: (operation.parameters ?? []).filter((one) => one.in === 'query'),
        };
      }),
    );
}

/** Every field of a body, outer ones first; of a list the last member that a valid body has is looked into. */
export function fieldsOf(document: Document, schema: Schema, body: unknown, path: Path = []): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, reference]) => {
    const own = resolve(document, reference);
    const kind = kindOf(document, own);
    const place = [...path, name];
    const optional = !(schema.required ?? []).includes(name);
    const field: Field = { path: place, pointer: pointerTo(place), kind, schema: own, optional };
    return [field, ...within(document, field, (body as Record<string, unknown> | undefined)?.[name])];
  });
}

function within(document: Document, { kind, schema, path }: Field, value: unknown): Field[] {
  if (value === undefined) return [];
  if (kind === 'object') return fieldsOf(document, schema, value, path);
  const last = Array.isArray(value) ? value.length - 1 : -1;
  if (kind !== 'list' || last < 0) return [];
  return fieldsOf(document, resolve(document, schema.items!), (value as unknown[])[last], [...path, last]);
}

/** A schema without references at its top; what stands beside a reference adds to it. */
export function resolve(document: Document, schema: Schema): Schema {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    return resolve(document, document.components.schemas[name]!);
  }
  if (schema.allOf === undefined) return schema;
  return { ...resolve(document, schema.allOf[0]!), nullable: schema.nullable };
}

const kindsByFormat: Record<string, Kind> = { email: 'email', uuid: 'id', 'date-time': 'instant', date: 'date' };
const kindsByType: Record<string, Kind> = { boolean: 'flag', integer: 'count', string: 'text' };

function kindOf(document: Document, schema: Schema): Kind {
  const { type = '', properties } = schema;
  if (type === 'array') return kindOfList(document, schema);
  if (type === 'object') return properties ? 'object' : 'json';
  return kindOfValue(schema);
}

function kindOfValue({ type, format, pattern, enum: values }: Schema): Kind {
  if (values !== undefined) return type === 'boolean' ? 'statement' : 'word';
  if (pattern !== undefined) return 'pattern';
  return kindsByFormat[format ?? ''] ?? kindsByType[type ?? ''] ?? 'json';
}

function kindOfList(document: Document, { items }: Schema): Kind {
  const member = resolve(document, items ?? {});
  if (member.properties !== undefined) return 'list';
  return member.enum === undefined ? 'texts' : 'words';
}

/** A body of the right shape, made of examples: for a route of which no table says what fits. */
export function exampleOf(document: Document, schema: Schema): Record<string, unknown> {
  const required = new Set(schema.required ?? []);
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([name]) => required.has(name))
      .map(([name, reference]) => [name, exampleValue(document, resolve(document, reference))]),
  );
}

const exampleByKind: Record<Kind, unknown> = {
  text: 'A text',
  pattern: 'A text',
  email: 'somebody@rival.example',
  id: '00000000-0000-7000-8000-000000000000',
  instant: '2026-03-05T00:00:00Z',
  date: '2026-03-01',
  word: '',
  flag: true,
  statement: true,
  count: 1,
  object: {},
  list: [],
  words: [],
  texts: ['A text'],
  json: {},
};

function exampleValue(document: Document, schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  const kind = kindOf(document, schema);
  if (kind === 'word' || kind === 'statement') return schema.enum![0];
  if (kind === 'object') return exampleOf(document, schema);
  if (kind === 'list') return [exampleOf(document, resolve(document, schema.items!))];
  if (kind === 'words') return resolve(document, schema.items!).enum!.slice(0, 1);
  return exampleByKind[kind];
}

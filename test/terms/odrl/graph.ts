import { readFileSync } from 'node:fs';
import jsonld from 'jsonld';
import { ODRL } from './vocabulary.js';

const CONTEXT_URL = 'http://www.w3.org/ns/odrl.jsonld';
const context: unknown = JSON.parse(readFileSync(new URL('odrl.jsonld', import.meta.url), 'utf8'));

/** A value of a property: a literal, a list, or a reference. */
export type Value = Readonly<Record<string, unknown>>;

/** What is said of one node: its properties by IRI, each with all its values. */
export type GraphNode = Readonly<Record<string, unknown>> & { readonly '@id': string };

/**
 * An expanded document, node by node. Throws where a member would be dropped, and for any other context than ODRL's.
 */
export async function nodesOf(document: object): Promise<Map<string, GraphNode>> {
  const nodes = await jsonld.flatten(document, null, {
    safe: true,
    documentLoader: (url) => {
      if (url !== CONTEXT_URL) return Promise.reject(new Error(`No other context is served than ${CONTEXT_URL}.`));
      return Promise.resolve({ contextUrl: null, documentUrl: url, document: context });
    },
  });
  return new Map(nodes.map((node) => [String(node['@id']), { ...node, '@id': String(node['@id']) }]));
}

/** The values of a property of ODRL. */
export function values(node: GraphNode | undefined, property: string): readonly Value[] {
  return [node?.[`${ODRL}${property}`] ?? []].flat().map((value) => Object(value) as Value);
}

/** The IRIs that a property of ODRL refers to. */
export function iris(node: GraphNode | undefined, property: string): string[] {
  return values(node, property).map((value) => (typeof value['@id'] === 'string' ? value['@id'] : 'no IRI'));
}

/** The classes of a node. */
export function typesOf(node: GraphNode | undefined): readonly string[] {
  return [node?.['@type'] ?? []].flat().map(String);
}

/** The members of a value that is a list; null for any other. */
export function members(value: Value | undefined): readonly Value[] | null {
  const list = value?.['@list'];
  return Array.isArray(list) ? list.map((member) => Object(member) as Value) : null;
}

import { constraintProblems } from './check-constraints.js';
import { iris, nodesOf, typesOf, values, type GraphNode } from './graph.js';
import { ACTIONS, CLASSES, CONFLICT_TERMS, ODRL, PROPERTIES, VOCABULARY } from './vocabulary.js';

type Graph = ReadonlyMap<string, GraphNode>;

/** The namespaces beside ODRL's from which an export may take properties. */
const OTHERS = ['urn:parley:odrl:1:', 'http://www.w3.org/2004/02/skos/core#', 'http://www.w3.org/2006/vcard/ns#'];
const ABSOLUTE = /^(?:_:b\d+|[a-z][a-z0-9+.-]*:\S+)$/;

/** Every way in which a document is not an ODRL 2.2 Agreement, as sentences; none when it is one. */
export async function odrlProblems(document: object): Promise<string[]> {
  const lost = nulls(document, '');
  try {
    const graph = await nodesOf(document);
    return [...lost, ...vocabularyProblems(graph), ...agreementProblems(graph), ...declarationProblems(graph)];
  } catch (error) {
    return [
      ...lost,
      `not expanded: ${JSON.stringify(error instanceof Error ? { ...error, is: error.message } : error)}`,
    ];
  }
}

/** JSON-LD drops what is null without a word. */
function nulls(value: unknown, place: string): string[] {
  if (value === null) return [`${place} is null and would be dropped`];
  if (typeof value !== 'object') return [];
  return Object.entries(Object(value)).flatMap(([name, member]) => nulls(member, `${place}/${name}`));
}

function vocabularyProblems(graph: Graph): string[] {
  return [...graph.values()].flatMap((node) => [
    ...Object.keys(node).flatMap((property) => propertyProblems(property)),
    ...typesOf(node).flatMap((type) => (type.startsWith(ODRL) && !CLASSES.has(type) ? [`${type} is no class`] : [])),
    ...[...identifiers(node)].flatMap((id) => {
      if (!ABSOLUTE.test(id)) return [`${id} is no absolute IRI`];
      return id.startsWith(ODRL) && !VOCABULARY.has(id) ? [`${id} is not in the vocabulary`] : [];
    }),
  ]);
}

function propertyProblems(property: string): string[] {
  if (property.startsWith('@') || PROPERTIES.has(property)) return [];
  if (OTHERS.some((namespace) => property.startsWith(namespace))) return [];
  return [`${property} is no property`];
}

function identifiers(value: unknown): Set<string> {
  if (value === null || typeof value !== 'object') return new Set();
  const own = '@id' in value ? [String(value['@id'])] : [];
  return new Set([...own, ...Object.values(value).flatMap((member) => [...identifiers(member)])]);
}

function agreementProblems(graph: Graph): string[] {
  const agreements = [...graph.values()].filter((node) => typesOf(node).includes(`${ODRL}Agreement`));
  const [agreement] = agreements;
  if (agreement === undefined || agreements.length > 1) return [`${agreements.length} agreements`];
  const rules = (['permission', 'prohibition', 'obligation'] as const).flatMap((property) =>
    iris(agreement, property).map((id) => ({ id, property })),
  );
  return [
    ...(agreement['@id'].startsWith('_:') ? ['the Agreement has no uid'] : []),
    ...(rules.length === 0 ? ['the Agreement has no rule'] : []),
    ...(values(agreement, 'profile').length === 0 ? ['the Agreement names no profile'] : []),
    ...iris(agreement, 'conflict').flatMap((term) => (CONFLICT_TERMS.has(term) ? [] : [`${term} is no ConflictTerm`])),
    ...exactlyOne(agreement, 'assigner', 'Party', graph),
    ...exactlyOne(agreement, 'assignee', 'Party', graph),
    ...rules.flatMap(({ id, property }) => ruleProblems(id, property, graph)),
  ];
}

const RULES = {
  permission: { type: 'Permission', targetNeeded: true },
  prohibition: { type: 'Prohibition', targetNeeded: true },
  obligation: { type: 'Duty', targetNeeded: false },
  remedy: { type: 'Duty', targetNeeded: false },
} as const;

const PARTIES = ['informedParty', 'informingParty', 'consentingParty', 'consentedParty'];

function ruleProblems(id: string, property: keyof typeof RULES, graph: Graph): string[] {
  const node = graph.get(id);
  if (node === undefined) return [`${property} ${id} is described nowhere`];
  const { type, targetNeeded } = RULES[property];
  const [assets, parties] = [['target', 'output'], PARTIES].map((names) =>
    names.flatMap((name) => iris(node, name).map((value) => ({ name, value }))),
  );
  return [
    ...(typesOf(node).includes(`${ODRL}${type}`) ? [] : [`${id} is no ${type}`]),
    ...exactlyOne(node, 'action', 'Action', graph),
    ...(targetNeeded ? exactlyOne(node, 'target', 'Asset', graph) : []),
    ...(assets ?? []).flatMap(({ value }) => (isA(value, 'Asset', graph) ? [] : [`${value} is no Asset`])),
    ...(parties ?? []).flatMap(({ value }) => (isA(value, 'Party', graph) ? [] : [`${value} is no Party`])),
    ...iris(node, 'constraint').flatMap((value) => constraintProblems(value, graph)),
    ...iris(node, 'remedy').flatMap((value) => ruleProblems(value, 'remedy', graph)),
    ...(property === 'remedy' && values(node, 'consequence').length > 0 ? [`${id} has a consequence`] : []),
  ];
}

function exactlyOne(node: GraphNode, property: string, type: string, graph: Graph): string[] {
  const found = iris(node, property);
  if (found.length !== 1) return [`${node['@id']} has ${found.length} values of ${property}`];
  return found.flatMap((id) => (isA(id, type, graph) ? [] : [`${property} ${id} is no ${type}`]));
}

/** An instance of the vocabulary, or one that the document itself declares; a collection is what it collects. */
function isA(id: string, type: string, graph: Graph): boolean {
  if (type === 'Action' && ACTIONS.has(id)) return true;
  const types = typesOf(graph.get(id));
  return types.includes(`${ODRL}${type}`) || types.includes(`${ODRL}${type}Collection`);
}

/** Every action but `use` and `transfer` lies within another, and so at last within one of them. */
function declarationProblems(graph: Graph): string[] {
  return [...graph.values()]
    .filter((node) => typesOf(node).includes(`${ODRL}Action`))
    .flatMap((node) => {
      const within = iris(node, 'includedIn');
      return within.length === 1 && within.every((id) => ACTIONS.has(id))
        ? []
        : [`${node['@id']} is included in ${within.join(' and ') || 'nothing'}`];
    });
}

import type { HeldBy } from '../../terms.js';

/** A node object of JSON-LD. */
export type Node = Readonly<Record<string, unknown>>;

/** A node that others refer to by its `uid`. */
export type NamedNode = Node & { readonly uid: string };

/** The clause that a rule or a constraint comes from, and how it is held. */
export interface Origin {
  readonly clauseRef: string;
  readonly heldBy: HeldBy;
}

/** Where a node comes from, in the words of the profile: the clause of the prose, and how it is held. */
export function originOf({ clauseRef, heldBy }: Origin): Node {
  return { 'parley:clauseRef': clauseRef, 'parley:heldBy': heldBy };
}

/**
 * A value of the terms in the words of the profile: the same members by the same names, in order of name, so that the
 * order in which they were written leaves no trace. Lists keep their order, and an empty one stays. JSON-LD drops what
 * is null, so that is written as the word `none`.
 */
export function inProfile(value: unknown): unknown {
  if (value === null) return 'none';
  if (Array.isArray(value)) return listOf(value.map(inProfile));
  return typeof value === 'object' ? blockInProfile(value) : value;
}

/** The members of one block of the terms, in the words of the profile. */
export function blockInProfile(block: object): Node {
  const members = Object.entries(block).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [`parley:${name}`, inProfile(member)]));
}

/** A reference to something by its IRI. */
export function iri(id: string): Node {
  return { '@id': id };
}

/** A list of values as one value: even an empty one stays, where an array would vanish. */
export function listOf(values: readonly unknown[]): Node {
  return { '@list': values };
}

/** An RFC 3339 instant. */
export function dateTime(instant: string): Node {
  return { '@value': instant, '@type': 'xsd:dateTime' };
}

/** An ISO 8601 duration, such as `P30D`. */
export function duration(text: string): Node {
  return { '@value': text, '@type': 'xsd:duration' };
}

/** A whole number, as text: what reads it need not put it through a floating-point number. */
export function integer(count: number): Node {
  return { '@value': String(count), '@type': 'xsd:integer' };
}

/** An amount of micro-units as a decimal number of units with six places. */
export function decimalOfMicroUnits(amount: number): Node {
  const digits = String(amount).padStart(7, '0');
  return { '@value': `${digits.slice(0, -6)}.${digits.slice(-6)}`, '@type': 'xsd:decimal' };
}

/** The operators of ODRL 2.2 that the export uses. */
export type Operator = 'eq' | 'gt' | 'gteq' | 'lt' | 'lteq' | 'isA' | 'isAnyOf' | 'isNoneOf' | 'isPartOf';

/** What a constraint compares. */
export type Comparison = readonly [leftOperand: string, operator: Operator, rightOperand: Node | string];

/** A constraint of ODRL. `more` says where it comes from, and its `uid` where others refer to it. */
export function constraint<More extends Node>([leftOperand, operator, rightOperand]: Comparison, more: More) {
  return { '@type': 'Constraint', ...more, leftOperand, operator, rightOperand };
}

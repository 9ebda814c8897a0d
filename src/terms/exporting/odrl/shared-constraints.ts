import type { ModelInScope, Terms } from '../../terms.js';
import type { ExportedVersion } from '../exported-version.js';
import { constraint, dateTime, iri, listOf, originOf, type Comparison, type NamedNode, type Origin } from './nodes.js';
import { ANY_NETWORK, operandOf } from './profile.js';
import type { References } from './references.js';

/**
 * The constraints on every permission of the agreement. Each is written once and referred to by its `uid`: the term
 * and the version in effect, networks, people, capabilities, endpoints and safeguards. ODRL has no words for the last
 * three.
 */
export function agreementConstraints({ terms, effectiveFrom }: ExportedVersion, references: References): NamedNode[] {
  const { term, scope, networks, roster } = terms;
  const named = (name: string, comparison: Comparison, origin: Origin): NamedNode =>
    constraint(comparison, { uid: references.within(`constraint/${name}`), ...originOf(origin) });
  return [
    named('in-effect', ['dateTime', 'gteq', dateTime(effectiveFrom.toISOString())], term),
    named('term-from', ['dateTime', 'gteq', dateTime(term.effectiveFrom)], term),
    named('term-until', ['dateTime', 'lt', dateTime(term.expiresAt)], term),
    named('network', networkComparison(terms), networks),
    named('researcher', ['recipient', 'isPartOf', iri(references.roster)], roster),
    named('capabilities', [operandOf('capability'), 'isPartOf', listOf(scope.capabilities)], scope),
    named('endpoints', [operandOf('endpoint'), 'isAnyOf', listOf(scope.endpoints)], scope),
    named('safeguards', [operandOf('safeguard_profile'), 'eq', scope.safeguardProfile], scope),
  ];
}

/**
 * An empty list is no network at all. The word `any` is a value of its own, so that nothing is opened by an absence.
 */
function networkComparison({ networks: { cidrs } }: Terms): Comparison {
  if (cidrs === 'any') return ['virtualLocation', 'eq', iri(ANY_NETWORK)];
  return ['virtualLocation', 'isAnyOf', listOf(cidrs)];
}

/** The constraints on every permission to use one model: its exact snapshot, and when it is in scope. */
export function modelConstraints(model: ModelInScope, { scope }: Terms, references: References): NamedNode[] {
  const named = (name: string, comparison: Comparison): NamedNode =>
    constraint(comparison, { uid: references.within(`model/${model.snapshot}/${name}`), ...originOf(scope) });
  return [
    named('version', ['version', 'eq', model.snapshot]),
    named('from', ['dateTime', 'gteq', dateTime(model.from)]),
    named('until', ['dateTime', 'lt', dateTime(model.until)]),
  ];
}

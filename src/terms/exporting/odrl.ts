import type { AgreementParty } from '../digest.js';
import type { Terms } from '../terms.js';
import { partyOf, type ExportedVersion } from './exported-version.js';
import { declaredTerms } from './odrl/declared-terms.js';
import { blockInProfile, dateTime, originOf, type NamedNode, type Node } from './odrl/nodes.js';
import { obligations } from './odrl/obligations.js';
import { permissions } from './odrl/permissions.js';
import { CONTEXT, PROFILE } from './odrl/profile.js';
import { prohibitions } from './odrl/prohibitions.js';
import { quotaConstraint } from './odrl/quotas.js';
import { referencesOf, type References } from './odrl/references.js';
import { agreementConstraints, modelConstraints } from './odrl/shared-constraints.js';

/**
 * An executed version as an ODRL 2.2 Agreement in JSON-LD 1.1 (W3C Recommendations of 15 February 2018, Information
 * Model and Vocabulary). The provider assigns, the evaluator is assigned to, and prohibition wins. A mechanical
 * reading of the terms: the same version gives the same bytes, whatever order its fields were written in. Every rule,
 * shared constraint and block says its clause (`parley:clauseRef`) and how it is held (`parley:heldBy`).
 *
 * `@included` holds what rules refer to by IRI: constraints that several permissions share, quotas, models, people,
 * and the declaration of every term of the profile that is used. ODRL has no words for the renewal of a term, the life
 * of keys, what a provider keeps and logs, notices, the cure period, suspension and termination: those blocks stand on
 * the Agreement in the words of the profile, with the names they have in the terms. So do the purposes as they were
 * granted, because permissions name the codes that a grant covers.
 *
 * Throws RangeError when the version lacks a party.
 */
export function odrlAgreement(version: ExportedVersion): Record<string, unknown> {
  const { terms, number, digest, effectiveFrom } = version;
  const references = referencesOf(version);
  const policy: Node = {
    '@type': 'Agreement',
    uid: references.policy,
    profile: PROFILE,
    conflict: 'prohibit',
    assigner: partyNode(partyOf(version, 'provider'), references.provider),
    assignee: partyNode(partyOf(version, 'evaluator'), references.evaluator),
    'parley:number': number,
    'parley:digest': digest,
    'parley:effectiveFrom': dateTime(effectiveFrom.toISOString()),
    'parley:schema': terms.schema,
    ...profileBlocks(terms),
    permission: permissions(version, references),
    prohibition: prohibitions(terms, references),
    obligation: obligations(terms, references),
  };
  const shared: NamedNode[] = [
    ...assets(terms, references),
    { '@type': 'PartyCollection', uid: references.roster, ...blockInProfile(terms.roster) },
    ...agreementConstraints(version, references),
    ...terms.scope.models.flatMap((model) => modelConstraints(model, terms, references)),
    ...terms.quotas.map((quota) => quotaConstraint(quota, references)),
  ];
  return { '@context': CONTEXT, ...policy, '@included': [...shared, ...declaredTerms([policy, shared], terms)] };
}

function partyNode({ legalName }: AgreementParty, uid: string): NamedNode {
  return { '@type': ['Party', 'vcard:Organization'], uid, 'vcard:fn': legalName };
}

/** The blocks that no rule says in full. */
function profileBlocks(terms: Terms): Node {
  const { term, purposes, keys, evaluationSets, data, notices, cure, suspension, termination } = terms;
  const blocks = { term, purposes, keys, evaluationSets, data, notices, cure, suspension, termination };
  return Object.fromEntries(Object.entries(blocks).map(([name, block]) => [`parley:${name}`, blockInProfile(block)]));
}

function assets({ scope }: Terms, references: References): NamedNode[] {
  const { models, prompts, outputs, results } = references;
  return [
    { '@type': 'AssetCollection', uid: models, ...originOf(scope) },
    ...scope.models.map(({ snapshot, modelId, stage }) => ({
      '@type': 'Asset',
      uid: references.snapshot(snapshot),
      partOf: models,
      'parley:modelId': modelId,
      'parley:stage': stage,
    })),
    ...[prompts, outputs, results].map((uid) => ({ '@type': 'Asset', uid })),
  ];
}

import { quotasApplying } from '../../deciding/clauses.js';
import { compiled } from '../../deciding/compiled-terms.js';
import { PURPOSE_CODES, covers, type PurposeCode } from '../../purposes.js';
import type { ModelInScope, PermittedPurpose, Quota, Terms } from '../../terms.js';
import type { ExportedVersion } from '../exported-version.js';
import { conditionConstraints } from './conditions.js';
import { constraint, iri, listOf, originOf, type NamedNode } from './nodes.js';
import { purposeOf } from './profile.js';
import { quotaUid } from './quotas.js';
import type { References } from './references.js';
import { agreementConstraints, modelConstraints } from './shared-constraints.js';

/** Purposes of one grant whose use of one model is counted by the same quotas. */
interface CountedAlike {
  readonly codes: readonly PurposeCode[];
  readonly quotas: readonly Quota[];
}

/**
 * Permissions to use, one for each snapshot, each permitted purpose and each set of quotas that counts it. Together
 * they permit what a decision allows: `purpose isAnyOf` names every code, so that no reader need know which code
 * covers which, and codes that a prohibition takes away are left out.
 */
export function permissions(version: ExportedVersion, references: References): NamedNode[] {
  const { terms } = version;
  const always = agreementConstraints(version, references).map(({ uid }) => uid);
  return terms.scope.models.flatMap((model) => {
    const ofModel = [...always, ...modelConstraints(model, terms, references).map(({ uid }) => uid)];
    return terms.purposes.permitted.flatMap((permitted) =>
      countedAlike(permitted, model, terms).map(({ codes, quotas }, index) => ({
        '@type': 'Permission',
        uid: references.within(`permission/${model.snapshot}/${permitted.code}/${index}`),
        ...originOf(terms.purposes),
        action: 'use',
        target: references.snapshot(model.snapshot),
        constraint: [
          ...ofModel,
          ...quotas.map((quota) => quotaUid(quota, references)),
          purposeConstraint(codes, terms),
          ...conditionConstraints(permitted, terms, references),
        ],
      })),
    );
  });
}

function purposeConstraint(codes: readonly PurposeCode[], { purposes }: Terms): NamedNode[string] {
  return constraint(['purpose', 'isAnyOf', listOf(codes.map((code) => iri(purposeOf(code))))], originOf(purposes));
}

function countedAlike(permitted: PermittedPurpose, { snapshot }: ModelInScope, terms: Terms): CountedAlike[] {
  const granted = PURPOSE_CODES.filter((code) => covers(permitted.code, code) && compiled(terms).purposes.has(code));
  const groups = Map.groupBy(granted, (purpose) =>
    JSON.stringify(quotasApplying(terms, { modelSnapshot: snapshot, purpose }).map(({ id }) => id)),
  );
  return [...groups.values()].map((codes) => ({
    codes,
    quotas: codes.slice(0, 1).flatMap((purpose) => quotasApplying(terms, { modelSnapshot: snapshot, purpose })),
  }));
}

import { isId } from '../../../kernel/ids.js';
import { partyOf, type ExportedVersion } from '../exported-version.js';

/** The IRIs of one export. Each is made from ids alone, so that the same version always has the same ones. */
export interface References {
  readonly policy: string;
  readonly provider: string;
  readonly evaluator: string;
  /** The people of the evaluator who may use the models. */
  readonly roster: string;
  /** All models in scope together. */
  readonly models: string;
  /** What the evaluator sends to the models. */
  readonly prompts: string;
  /** What the models answer. */
  readonly outputs: string;
  /** What the evaluation finds. */
  readonly results: string;
  /** One exact snapshot of the provider, the same in every agreement that names it. */
  readonly snapshot: (name: string) => string;
  /** Something of this version, by a path such as `quota/monthly`. */
  readonly within: (path: string) => string;
}

/** The IRIs of this version. Throws RangeError when it lacks a party. */
export function referencesOf(version: ExportedVersion): References {
  const policy = `urn:uuid:${version.agreementId}#version-${version.number}`;
  const provider = partyIri(version, 'provider');
  const within = (path: string): string => `${policy}/${path}`;
  return {
    policy,
    provider,
    evaluator: partyIri(version, 'evaluator'),
    roster: within('roster'),
    models: within('models'),
    prompts: within('prompts'),
    outputs: within('outputs'),
    results: within('results'),
    snapshot: (name) => `${provider}#snapshot/${name}`,
    within,
  };
}

/** A party with an id of its own by that; the lab, which is no organisation of its own partners, by its name in them. */
function partyIri(version: ExportedVersion, role: 'provider' | 'evaluator'): string {
  const { organisationId } = partyOf(version, role);
  return isId(organisationId) ? `urn:uuid:${organisationId}` : `urn:parley:party:${organisationId}`;
}

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
  const provider = `urn:uuid:${partyOf(version, 'provider').organisationId}`;
  const within = (path: string): string => `${policy}/${path}`;
  return {
    policy,
    provider,
    evaluator: `urn:uuid:${partyOf(version, 'evaluator').organisationId}`,
    roster: within('roster'),
    models: within('models'),
    prompts: within('prompts'),
    outputs: within('outputs'),
    results: within('results'),
    snapshot: (name) => `${provider}#snapshot/${name}`,
    within,
  };
}

import type { AgreementParty } from '../digest.js';
import type { Terms } from '../terms.js';

/** One executed version of an agreement, as it is exported. */
export interface ExportedVersion {
  /** The agreement's id, a UUID. */
  readonly agreementId: string;
  /** Counts versions from 1. */
  readonly number: number;
  /** The digest that both parties signed, such as `sha-256:…`: it leads from an export back to the signed text. */
  readonly digest: string;
  /** When this version takes effect. */
  readonly effectiveFrom: Date;
  /** One provider and one evaluator, in any order. */
  readonly parties: readonly AgreementParty[];
  readonly terms: Terms;
}

/** The party in that role. Throws RangeError when the version has none: every executed version has both. */
export function partyOf({ parties }: ExportedVersion, role: AgreementParty['role']): AgreementParty {
  const party = parties.find((candidate) => candidate.role === role);
  if (party === undefined) throw new RangeError(`The version has no ${role}.`);
  return party;
}

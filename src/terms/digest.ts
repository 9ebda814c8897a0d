import { canonicalJson } from '../kernel/canonical-json.js';
import { Digest, digestOf, sha256 } from '../kernel/digests.js';
import type { Terms } from './terms.js';

/** The identifier of the document that both parties sign. */
export const AGREEMENT_SCHEMA = 'parley-agreement/1';

/** One clause of the prose. */
export interface ProseClause {
  readonly clauseId: string;
  readonly heading: string;
  readonly text: string;
}

/** A party as it stands in the signed document. */
export interface AgreementParty {
  readonly role: 'provider' | 'evaluator';
  readonly organisationId: string;
  readonly legalName: string;
}

/** What one version of an agreement consists of. The term's end is taken from the terms, so that the two cannot differ. */
export interface AgreementVersion {
  readonly agreementId: string;
  /** Counts versions from 1. */
  readonly number: number;
  /** The digest of the version before; null for the first. */
  readonly previousDigest: Digest | null;
  /** From when an amendment is to hold; null for a first version, which begins with the term of its terms. */
  readonly effectiveFrom: string | null;
  readonly parties: readonly AgreementParty[];
  readonly terms: Terms;
  /** In the order in which the clauses are read. */
  readonly prose: readonly ProseClause[];
}

/** The bytes that are signed and kept, and their digest. To verify, hash the kept bytes; never serialise again. */
export interface AgreementDocument {
  readonly canonical: Uint8Array;
  readonly digest: Digest;
}

/**
 * The document of a version: JCS({schema, agreementId, number, previousDigest, parties, term, terms, prose}), where each
 * clause of the prose stands by the digest of its words. The term is the version's own: it begins when the version does. Parties are put in order of role: evaluator, then provider.
 */
export function agreementDocument(version: AgreementVersion): AgreementDocument {
  const { agreementId, number, previousDigest, effectiveFrom, parties, terms, prose } = version;
  const canonical = Buffer.from(
    canonicalJson({
      schema: AGREEMENT_SCHEMA,
      agreementId,
      number,
      previousDigest,
      parties: parties
        .map(({ role, organisationId, legalName }) => ({ role, organisationId, legalName }))
        .toSorted((one, other) => (partyOrder(one) < partyOrder(other) ? -1 : 1)),
      term: { effectiveFrom: effectiveFrom ?? terms.term.effectiveFrom, expiresAt: terms.term.expiresAt },
      terms,
      prose: prose.map((clause) => ({ clauseId: clause.clauseId, sha256: clauseSha256(clause) })),
    }),
  );
  return { canonical, digest: digestOf(canonical) };
}

/** SHA-256, in hexadecimal, of JCS({heading, text}): a heading colours what a clause means, so it is signed as well. */
export function clauseSha256({ heading, text }: Pick<ProseClause, 'heading' | 'text'>): string {
  return sha256(canonicalJson({ heading, text })).toString('hex');
}

/** Digest of the terms alone, as findings and statements cite it: SHA-256 of JCS(terms). */
export function termsDigest(terms: Terms): Digest {
  return digestOf(canonicalJson(terms));
}

function partyOrder({ role, organisationId }: AgreementParty): string {
  return `${role} ${organisationId}`;
}

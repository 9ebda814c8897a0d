import { openSealed } from '../../audit/seal.js';
import { Finding, notWhole, Verdict } from '../../audit/verdict.js';
import { digestOf } from '../../kernel/digests.js';
import { verifyDetachedJws } from '../../kernel/detached-jws.js';
import { clauseSha256, ProseClause } from '../../terms/digest.js';
import type { VersionKind } from '../agreement-version.entity.js';
import { approvalFindings, SealedApprovals } from './verify-approvals.js';

interface Signature {
  party: string;
  method: string;
  digest: string;
  statementsDigest: string | null;
  signedAt: string;
  jws?: string | null;
  signingKeyId?: string | null;
}

interface SigningKey {
  id: string;
  keyId: string;
  publicKey: string;
}

/** A bundle as it was sealed. The first schema knew original versions signed by typed name only. */
interface Bundle extends SealedApprovals {
  schema: string;
  agreement: { id: string };
  version?: { number: number; kind: VersionKind; previousDigest: string | null; effectiveFrom: string };
  document: string;
  prose: ProseClause[];
  signatures: Signature[];
  voidedSignatures?: Signature[];
  keys?: SigningKey[];
  statements: { version: string; intent: string; authority: string };
}

const schemas = ['parley-evidence/1', 'parley-evidence/2'];

/** Verifies an evidence bundle offline: no network, no database, no account. */
export function verifyEvidence(bytes: Buffer): Verdict {
  const opened = openSealed(bytes);
  if ('fault' in opened) return notWhole(opened);
  const bundle = opened.document as unknown as Bundle;
  if (!schemas.includes(bundle.schema)) return notWhole({ fault: 'The file is no evidence bundle.', usable: false });
  return {
    findings: [
      { says: 'The seal covers every byte of the bundle.', holds: true },
      ...documentFindings(bundle),
      ...approvalFindings(bundle),
      ...signatureFindings(bundle),
      ...keyFindings(bundle),
    ],
    beyond: beyondTheFile(bundle),
    sealedBy: opened.seal.keyId,
    usable: true,
  };
}

interface SignedDocument {
  agreementId: string;
  number: number;
  previousDigest: string | null;
  term: { effectiveFrom: string };
  prose: { clauseId: string; sha256: string }[];
}

function documentFindings({ agreement, version, digest, document, prose }: Bundle): Finding[] {
  const signed = JSON.parse(document) as SignedDocument;
  const sameProse =
    signed.prose.length === prose.length &&
    signed.prose.every(({ clauseId, sha256 }, at) => {
      const clause = prose[at];
      return clause?.clauseId === clauseId && clauseSha256(clause) === sha256;
    });
  const place = version ?? { number: 1, previousDigest: null, effectiveFrom: signed.term.effectiveFrom };
  return [
    { says: 'The digest is that of the signed document.', holds: digestOf(document) === digest },
    { says: 'The prose is, clause for clause, the text that the document names.', holds: sameProse },
    {
      says: `The document is version ${place.number} of this agreement, after the version that the bundle names.`,
      holds:
        signed.agreementId === agreement.id &&
        signed.number === place.number &&
        signed.previousDigest === place.previousDigest,
    },
    {
      says: 'The version holds from what the document says, or from its execution if that came later.',
      holds: new Date(signed.term.effectiveFrom) <= new Date(place.effectiveFrom),
    },
  ];
}

/** Who signs a version of each kind, in this order, and what that is in words. */
const signers: Record<VersionKind, { parties: string; says: string }> = {
  original: { parties: 'evaluator,provider', says: 'The evaluator signed this digest first, then the provider.' },
  material: { parties: 'evaluator,provider', says: 'The evaluator signed this digest first, then the provider.' },
  administrative: { parties: 'evaluator', says: 'The evaluator acknowledged this digest, as the kind asks for.' },
  protective: { parties: 'provider', says: 'The provider signed this digest alone, as the kind allows.' },
};

function signatureFindings({ digest, version, signatures, statements }: Bundle): Finding[] {
  const wording = digestOf(`${statements.version}\n${statements.intent}\n${statements.authority}`);
  const { parties, says } = signers[version?.kind ?? 'original'];
  const times = signatures.map(({ signedAt }) => signedAt);
  const signed = signatures.filter(({ method }) => method !== 'acknowledgement');
  return [
    {
      says,
      holds:
        signatures.map(({ party }) => party).join() === parties &&
        signatures.every((signature) => signature.digest === digest) &&
        times.join() === times.toSorted().join(),
    },
    {
      says: 'Every signer affirmed the two statements as worded in the bundle.',
      holds: signed.every(({ statementsDigest }) => statementsDigest === wording),
    },
  ];
}

/** Each signature by key is made again from the document's own bytes. */
function keyFindings({ document, signatures, keys = [] }: Bundle): Finding[] {
  return signatures
    .filter(({ method }) => method === 'ed25519_jws')
    .map(({ party, jws, signingKeyId }) => {
      const key = keys.find(({ id }) => id === signingKeyId);
      const fault = key && jws ? verifyDetachedJws(jws, Buffer.from(document), key.publicKey) : 'no key';
      const says = `The ${party}’s signature by key ${key?.keyId ?? '(missing)'} is over the document’s very bytes.`;
      return { says, holds: fault === null };
    });
}

function beyondTheFile({ signatures, voidedSignatures = [], delegations = [] }: Bundle): string[] {
  const methods = signatures.map(({ method }) => method);
  return [
    'That the sealing key is the lab’s: compare its id with what the lab published.',
    ...(methods.includes('typed_name')
      ? ['Who typed the names: the bundle records how they were authenticated, from which address and when.']
      : []),
    ...(methods.includes('ed25519_jws')
      ? ['That the signing key is the evaluator’s: compare its id with what the evaluator says it registered.']
      : []),
    ...(delegations.length > 0
      ? ['That whoever stood in for an approver was asked to: the bundle names both, the time and the reason.']
      : []),
    ...(voidedSignatures.length > 0
      ? [
          `Why the text was opened again: ${voidedSignatures.length} earlier signature(s) were voided, and are in the bundle.`,
        ]
      : []),
    'That the log goes on from the position in the bundle: ask for a later proof of the log.',
  ];
}

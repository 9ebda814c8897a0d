import { digestOf } from '../kernel/digests.js';
import { openSealed } from '../audit/seal.js';
import { clauseSha256 } from '../terms/digest.js';
import { AgreementApproval } from './agreement-approval.entity.js';
import { ProseClause } from './agreement-revision.entity.js';
import { AgreementSignature } from './agreement-signature.entity.js';

/** What the bundle shows of an agreement, its approvals and its signatures. */
interface Evidence {
  agreement: { id: string; title: string };
  digest: string;
  canonical: Buffer;
  prose: ProseClause[];
  approvals: AgreementApproval[];
  signatures: AgreementSignature[];
  statements: { version: string; intent: string; authority: string };
  executedAt: Date;
}

/**
 * The evidence bundle before its seal. The signing document stands in it as its canonical text, so that nobody who
 * verifies has to serialise it again.
 */
export function evidenceDocument(evidence: Evidence): Record<string, unknown> {
  const { agreement, digest, canonical, prose, statements, executedAt } = evidence;
  return {
    schema: 'parley-evidence/1',
    agreement,
    digest,
    document: canonical.toString(),
    prose: prose.map(({ clauseId, heading, text }) => ({ clauseId, heading, text })),
    approvals: evidence.approvals.map(({ stage, approverId, approverName, digest: approved, approvedAt }) => ({
      stage,
      approverId,
      approverName,
      digest: approved,
      approvedAt: approvedAt.toISOString(),
    })),
    signatures: evidence.signatures.map((signature) => ({
      party: signature.party,
      method: signature.method,
      signerId: signature.signerId,
      legalName: signature.legalName,
      title: signature.title,
      digest: signature.digest,
      statementsVersion: signature.statementsVersion,
      statementsDigest: signature.statementsDigest,
      authenticatedAt: signature.authenticatedAt.toISOString(),
      signedAt: signature.signedAt.toISOString(),
      address: signature.address,
      addressSource: signature.addressSource,
      userAgent: signature.userAgent,
    })),
    statements,
    executedAt: executedAt.toISOString(),
  };
}

/** One thing that a verifier looked at: in words, and whether it held. */
export interface Finding {
  readonly says: string;
  readonly holds: boolean;
}

/** What verification of a file comes to. */
export interface Verdict {
  readonly findings: Finding[];
  /** What this file alone cannot show. */
  readonly beyond: string[];
  /** The id of the key that sealed it; compare it with what the lab published. */
  readonly sealedBy: string | null;
  /** Whether the file is not even a document of the kind asked for, rather than one that was altered. */
  readonly unusable: boolean;
}

/** The verdict on a file of which nothing but one fault can be said. */
export function rejected(says: string, unusable: boolean): Verdict {
  return { findings: [{ says, holds: false }], beyond: [], sealedBy: null, unusable };
}

interface Bundle {
  schema: string;
  digest: string;
  document: string;
  prose: ProseClause[];
  approvals: { digest: string; approverId: string }[];
  signatures: { digest: string; party: string; statementsDigest: string; signedAt: string }[];
  statements: { version: string; intent: string; authority: string };
}

/** Verifies an evidence bundle offline: no network, no database, no account. */
export function verifyEvidence(bytes: Buffer): Verdict {
  const opened = openSealed(bytes);
  if ('fault' in opened) return rejected(opened.fault, opened.unusable);
  const bundle = opened.document as unknown as Bundle;
  if (bundle.schema !== 'parley-evidence/1') return rejected('The file is no evidence bundle.', true);
  return {
    findings: [
      { says: 'The seal covers every byte of the bundle.', holds: true },
      ...textFindings(bundle),
      ...signatureFindings(bundle),
    ],
    beyond: [
      'That the sealing key is the lab’s: compare its id with what the lab published.',
      'Who typed the names: the bundle records how they were authenticated, from which address and when.',
    ],
    sealedBy: opened.seal.keyId,
    unusable: false,
  };
}

function textFindings({ digest, document, prose }: Bundle): Finding[] {
  const signed = JSON.parse(document) as { prose: { clauseId: string; sha256: string }[] };
  const sameProse =
    signed.prose.length === prose.length &&
    signed.prose.every(({ clauseId, sha256 }, at) => {
      const clause = prose[at];
      return clause?.clauseId === clauseId && clauseSha256(clause) === sha256;
    });
  return [
    { says: 'The digest is that of the signed document.', holds: digestOf(document) === digest },
    { says: 'The prose is, clause for clause, the text that the document names.', holds: sameProse },
  ];
}

function signatureFindings({ digest, approvals, signatures, statements }: Bundle): Finding[] {
  const [first, second] = signatures;
  const wording = digestOf(`${statements.version}\n${statements.intent}\n${statements.authority}`);
  const approvers = new Set(approvals.map(({ approverId }) => approverId));
  return [
    {
      says: 'Every approval is of this digest and of another person.',
      holds: approvals.length > 0 && approvers.size === approvals.length && approvals.every((a) => a.digest === digest),
    },
    {
      says: 'The evaluator signed this digest first, then the provider.',
      holds:
        signatures.length === 2 &&
        first?.party === 'evaluator' &&
        second?.party === 'provider' &&
        first.signedAt <= second.signedAt &&
        signatures.every((signature) => signature.digest === digest),
    },
    {
      says: 'Both signers affirmed the two statements as worded in the bundle.',
      holds: signatures.every(({ statementsDigest }) => statementsDigest === wording),
    },
  ];
}

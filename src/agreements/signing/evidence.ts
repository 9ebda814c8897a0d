import { PartnerSigningKey } from '../../partners/signing-keys/partner-signing-key.entity.js';
import { ProseClause } from '../../terms/digest.js';
import { AgreementApproval } from '../approval/agreement-approval.entity.js';
import { ApprovalDelegation } from '../approval/approval-delegation.entity.js';
import type { VersionKind } from '../agreement-version.entity.js';
import { AgreementSignature } from './agreement-signature.entity.js';
import { statements } from './statements.js';

/** What the log of the organisation had come to when a bundle was sealed. */
export interface AuditPosition {
  readonly log: string;
  /** The newest entry then, and the leaf hash (RFC 6962, hex) by which the log commits to it. */
  readonly entryId: string;
  readonly leafHash: string;
}

/** What the bundle shows of an executed version, its approvals and its signatures. */
interface Evidence {
  agreement: { id: string; title: string };
  version: { number: number; kind: VersionKind; previousDigest: string | null; effectiveFrom: Date };
  digest: string;
  canonical: Buffer;
  prose: ProseClause[];
  approvals: AgreementApproval[];
  delegations: ApprovalDelegation[];
  signatures: AgreementSignature[];
  /** Signatures of earlier rounds, which reopening voided. */
  voided: AgreementSignature[];
  /** The registered keys with which any of the signatures was made. */
  keys: PartnerSigningKey[];
  auditPosition: AuditPosition | null;
  executedAt: Date;
}

/**
 * The evidence bundle before its seal. The signing document stands in it as its canonical text, so that nobody who
 * verifies has to serialise it again.
 */
export function evidenceDocument(evidence: Evidence): Record<string, unknown> {
  const { agreement, version, digest, canonical, prose, auditPosition, executedAt } = evidence;
  return {
    schema: 'parley-evidence/2',
    agreement,
    version: { ...version, effectiveFrom: version.effectiveFrom.toISOString() },
    digest,
    document: canonical.toString(),
    prose: prose.map(({ clauseId, heading, text }) => ({ clauseId, heading, text })),
    approvals: evidence.approvals.map(approvalIn),
    delegations: evidence.delegations.map(delegationIn),
    signatures: evidence.signatures.map(signatureIn),
    voidedSignatures: evidence.voided.map(signatureIn),
    keys: evidence.keys.map(keyIn),
    statements,
    auditPosition,
    executedAt: executedAt.toISOString(),
  };
}

function approvalIn(approval: AgreementApproval) {
  const { stage, approverId, approverName, onBehalfOf, delegationId, digest, approvedAt } = approval;
  return { stage, approverId, approverName, onBehalfOf, delegationId, digest, approvedAt: approvedAt.toISOString() };
}

function delegationIn({ id, stage, delegatorId, delegatorName, delegateId, from, until, reason }: ApprovalDelegation) {
  const window = { from: from.toISOString(), until: until.toISOString() };
  return { id, stage, delegatorId, delegatorName, delegateId, ...window, reason };
}

function signatureIn(signature: AgreementSignature) {
  return {
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
    jws: signature.jws,
    signingKeyId: signature.signingKeyId,
    address: signature.address,
    addressSource: signature.addressSource,
    userAgent: signature.userAgent,
  };
}

function keyIn({ id, keyId, publicKey, label, activeAt }: PartnerSigningKey) {
  return { id, keyId, publicKey, label, activeAt: activeAt?.toISOString() ?? null };
}

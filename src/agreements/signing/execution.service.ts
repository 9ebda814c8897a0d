import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { AuditEntry } from '../../audit/audit-entry.entity.js';
import { Change } from '../../audit/change.js';
import { Sealer } from '../../audit/seal.js';
import { AgreementApproval } from '../approval/agreement-approval.entity.js';
import { ApprovalDelegation } from '../approval/approval-delegation.entity.js';
import { ApprovalsService } from '../approval/approvals.service.js';
import { AgreementVersion, VersionKind } from '../agreement-version.entity.js';
import { NegotiatedText } from '../negotiation/negotiated-text.js';
import { RevisionsService } from '../negotiation/revisions.service.js';
import { AgreementSignature } from './agreement-signature.entity.js';
import { AuditPosition, evidenceDocument } from './evidence.js';
import { SignaturesService } from './signatures.service.js';

/** A text that has all that it needs. */
interface Executing {
  text: NegotiatedText;
  /** What people call the agreement. */
  title: string;
  kind: VersionKind;
  /** Of the round under way, in the order in which they were given. */
  signatures: AgreementSignature[];
}

/** Makes an executed version of a text and seals the evidence of how it came about. */
@Injectable()
export class ExecutionService {
  constructor(
    private readonly revisions: RevisionsService,
    private readonly approvals: ApprovalsService,
    private readonly signatures: SignaturesService,
    private readonly sealer: Sealer,
  ) {}

  /** Keeps the version and its sealed bundle. The caller holds the agreement and the text. */
  async execute(change: Change, { text, title, kind, signatures }: Executing): Promise<AgreementVersion> {
    const { digest, canonical, terms, prose } = await this.revisions.head(change, text);
    const { number, previousDigest } = text.place;
    const agreed = text.place.effectiveFrom ?? new Date(terms.term.effectiveFrom);
    const effectiveFrom = agreed > change.at ? agreed : change.at;
    const approvals = await this.approvals.given(change.manager, text);
    const all = await this.signatures.ofText(change.manager, text);
    const evidence = this.sealer.seal(
      evidenceDocument({
        agreement: { id: text.ofAgreement, title },
        version: { number, kind, previousDigest, effectiveFrom },
        digest,
        canonical,
        prose,
        approvals,
        delegations: await delegationsOf(change.manager, approvals),
        signatures,
        voided: all.filter(({ round }) => round < text.round),
        keys: await this.signatures.keysOf(change.manager, all),
        auditPosition: await positionOf(change.manager, text.organisationId),
        executedAt: change.at,
      }),
    );
    return change.save(
      change.manager.create(AgreementVersion, {
        id: change.newId(),
        agreementId: text.ofAgreement,
        organisationId: text.organisationId,
        textId: text.id,
        round: text.round,
        number,
        kind,
        effectiveFrom,
        digest,
        canonical,
        terms,
        evidence,
        executedAt: change.at,
      }),
    );
  }
}

async function delegationsOf(manager: EntityManager, approvals: AgreementApproval[]): Promise<ApprovalDelegation[]> {
  const ids = approvals.flatMap(({ delegationId }) => delegationId ?? []);
  return manager
    .createQueryBuilder(ApprovalDelegation, 'd')
    .where('d.id = ANY(:ids)', { ids })
    .orderBy('d.id')
    .getMany();
}

/** The newest entry of the organisation's log: what the log had come to when the bundle was sealed. */
async function positionOf(manager: EntityManager, organisationId: string): Promise<AuditPosition | null> {
  const entry = await manager.findOne(AuditEntry, {
    where: { log: `organisation:${organisationId}` },
    order: { id: 'DESC' },
  });
  return entry && { log: entry.log, entryId: entry.id, leafHash: entry.leafHash.toString('hex') };
}

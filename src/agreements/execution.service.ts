import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { approvalTier } from '../terms/tier.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { findOwned } from '../audit/owned.js';
import { Sealer } from '../audit/seal.js';
import { currentRequest } from '../http/request-context.js';
import { AgreementApproval } from './agreement-approval.entity.js';
import { AgreementRevision } from './agreement-revision.entity.js';
import { AgreementSignature } from './agreement-signature.entity.js';
import { AgreementVersion } from './agreement-version.entity.js';
import { Agreement } from './agreement.entity.js';
import { ApproveAgreement, SignAgreement } from './agreements.dto.js';
import { AgreementsService, AgreementView } from './agreements.service.js';
import { evidenceDocument } from './evidence.js';
import { RevisionsService } from './revisions.service.js';
import { assertFreshIdentity, speaksFor, stagesOf, statements, statementsDigest } from './signing.js';

/** Takes an accepted text through approval and both signatures into force. */
@Injectable()
export class ExecutionService {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly agreements: AgreementsService,
    private readonly revisions: RevisionsService,
    private readonly sealer: Sealer,
  ) {}

  /** Gives one stage's approval of the current digest; the last one that the tier asks for releases for signature. */
  approve(actor: Actor, id: string, { digest, stage }: ApproveAgreement): Promise<AgreementView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, id);
      const event = agreement.move('approve');
      const head = await this.revisions.head(change, agreement);
      const stages = stagesOf(approvalTier(head.terms));
      assertDigest(agreement, digest);
      if (!stages.includes(stage)) {
        const expected = `one of: ${stages.join(', ')}`;
        throw new Refusal('invalid_request', 'These terms do not ask for this stage.', { pointer: '/stage', expected });
      }
      if (!speaksFor(actor, stage)) throw new Refusal('forbidden', `Your role does not speak for ${stage}.`);
      const given = await change.manager.findBy(AgreementApproval, { agreementId: id, digest });
      await this.assertMayApprove(change, agreement, given);
      await change.save(newApproval(change, agreement, stage));
      await change.record(event, agreement.subject, { digest, stage });
      if (given.length + 1 === stages.length) {
        await change.record(agreement.move('release'), agreement.subject, { digest });
      }
      await change.save(agreement);
      return this.agreements.viewIn(change, agreement);
    });
  }

  /** Signs for the evaluator. */
  sign(actor: Actor, id: string, body: SignAgreement): Promise<AgreementView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, id);
      const event = agreement.move('sign');
      await change.save(newSignature(change, agreement, body, 'evaluator'));
      await change.save(agreement);
      await change.record(event, agreement.subject, { digest: body.digest, party: 'evaluator' });
      return this.agreements.viewIn(change, agreement);
    });
  }

  /** Countersigns for the lab, which executes the agreement and seals the evidence. The partner signs first. */
  countersign(actor: Actor, id: string, body: SignAgreement): Promise<AgreementView> {
    return this.changes.run(actor, async (change) => {
      const agreement = await change.hold(Agreement, id);
      const event = agreement.move('countersign');
      const where = { agreementId: id, digest: agreement.headDigest, party: 'evaluator' as const };
      const partners = await change.manager.findOneBy(AgreementSignature, where);
      if (!partners) throw new Refusal('move_not_allowed', 'The partner has not signed this digest yet.');
      const own = await change.save(newSignature(change, agreement, body, 'provider'));
      await change.save(await this.executed(change, agreement, [partners, own]));
      await change.save(agreement);
      await change.record(event, agreement.subject, { digest: body.digest, version: 1 });
      return this.agreements.viewIn(change, agreement);
    });
  }

  /** The sealed bundle of the newest executed version, byte for byte as it was sealed. */
  async evidence(actor: Actor, id: string): Promise<string> {
    const agreement = await findOwned(this.database, Agreement, actor, id);
    const version = await this.database.getRepository(AgreementVersion).findOne({
      where: { agreementId: agreement.id },
      order: { number: 'DESC' },
    });
    if (!version) throw new Refusal('not_found');
    return version.evidence.toString();
  }

  private async assertMayApprove(change: Change, agreement: Agreement, given: AgreementApproval[]): Promise<void> {
    const authored = await change.manager.existsBy(AgreementRevision, {
      agreementId: agreement.id,
      authorId: change.actor.id,
    });
    if (authored) throw new Refusal('separation_of_duties', 'You wrote a revision of this agreement.');
    if (given.some(({ approverId }) => approverId === change.actor.id)) {
      throw new Refusal('separation_of_duties', 'You approved this digest already; each stage takes another person.');
    }
  }

  private async executed(
    change: Change,
    agreement: Agreement,
    signatures: AgreementSignature[],
  ): Promise<AgreementVersion> {
    const { id, organisationId, title } = agreement;
    const { digest, canonical, terms, prose } = await this.revisions.head(change, agreement);
    const approvals = await change.manager.find(AgreementApproval, {
      where: { agreementId: id, digest },
      order: { id: 'ASC' },
    });
    const evidence = this.sealer.seal(
      evidenceDocument({
        agreement: { id, title },
        digest,
        canonical,
        prose,
        approvals,
        signatures,
        statements,
        executedAt: change.at,
      }),
    );
    const version = { agreementId: id, organisationId, number: 1, digest, canonical, terms, evidence };
    return change.manager.create(AgreementVersion, { ...version, id: change.newId(), executedAt: change.at });
  }
}

function assertDigest(agreement: Agreement, digest: string): void {
  if (digest !== agreement.headDigest) throw new Refusal('digest_mismatch', undefined, { pointer: '/digest' });
}

function newApproval(change: Change, agreement: Agreement, stage: AgreementApproval['stage']): AgreementApproval {
  return change.manager.create(AgreementApproval, {
    id: change.newId(),
    agreementId: agreement.id,
    digest: agreement.headDigest,
    stage,
    approverId: change.actor.id,
    approverName: change.actor.name,
    approvedAt: change.at,
  });
}

function newSignature(
  change: Change,
  agreement: Agreement,
  body: SignAgreement,
  party: AgreementSignature['party'],
): AgreementSignature {
  assertDigest(agreement, body.digest);
  const authenticatedAt = assertFreshIdentity(change.actor, change.at);
  if (body.legalName !== change.actor.name) {
    const expected = 'your name exactly as it stands on your account';
    throw new Refusal('invalid_request', 'This is not the name on file.', { pointer: '/legalName', expected });
  }
  const request = currentRequest();
  return change.manager.create(AgreementSignature, {
    id: change.newId(),
    agreementId: agreement.id,
    digest: body.digest,
    party,
    method: 'typed_name',
    signerId: change.actor.id,
    legalName: body.legalName,
    title: body.title,
    statementsVersion: statements.version,
    statementsDigest,
    authenticatedAt,
    signedAt: change.at,
    address: request?.address ?? 'unknown',
    addressSource: request?.addressSource ?? 'socket',
    userAgent: request?.userAgent ?? '',
  });
}

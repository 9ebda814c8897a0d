import { Count, Id, Instant, JsonObject, ListOf, ListOfTexts, OneOf, Text, TrueOnly } from '../http/fields.js';
import { CreateSuspension } from '../suspensions/suspensions.dto.js';
import { ApprovalStage, approvalStages } from './agreement-approval.entity.js';
import { standingStatuses } from './status.js';

const digestPattern = /^sha-256:[0-9a-f]{64}$/;

/** One clause of the prose. */
export class ProseClauseShape {
  @Text({ description: 'The clause’s number, to which terms refer.', max: 20, example: '4.2' })
  clauseId!: string;

  @Text({ description: 'Its heading.', example: 'Quotas' })
  heading!: string;

  @Text({ description: 'Its words.', max: 20_000 })
  text!: string;
}

/** The text of a revision: prose, and the terms that say the same to machines. */
export class WriteRevision {
  @JsonObject({ description: 'Terms of the schema `parley-terms/1`; see `GET /v1/terms-schema`.' })
  terms!: Record<string, unknown>;

  @ListOf(() => ProseClauseShape, { description: 'The prose, clause by clause in reading order.', min: 1, max: 200 })
  prose!: ProseClauseShape[];
}

/** A new agreement. */
export class CreateAgreement extends WriteRevision {
  @Id({ description: 'The partner organisation, which must be active.' })
  organisationId!: string;

  @Text({ description: 'What people call it.', example: 'Joint safety exercise 2026' })
  title!: string;
}

/** Names the text that one agrees to. */
export class NameDigest {
  @Text({
    description: 'The digest of the revision that you read.',
    max: 72,
    pattern: digestPattern,
    patternWords: '`sha-256:` and 64 hex digits',
  })
  digest!: string;
}

/** One stage's approval. */
export class ApproveAgreement extends NameDigest {
  @OneOf(approvalStages, { description: 'The stage you speak for. The usual tier asks for `approver` only.' })
  stage!: ApprovalStage;
}

/** A signature by typed name. */
export class SignAgreement extends NameDigest {
  @Text({ description: 'Your legal name, exactly as on your account.', example: 'Ada Lovelace' })
  legalName!: string;

  @Text({ description: 'Your title.', example: 'General Counsel' })
  title!: string;

  @TrueOnly({ description: '“I have read this agreement and intend to sign it.”' })
  intendToSign!: true;

  @TrueOnly({ description: '“I am authorised to bind the organisation for which I sign.”' })
  authorisedToBind!: true;
}

/** Why something ends or goes back. */
export class GiveReason {
  @Text({ description: 'The reason; the other party reads it.', max: 2000 })
  reason!: string;
}

/** A stop within an agreement. */
export class SuspendAgreement extends CreateSuspension {
  @OneOf(['agreement', 'purpose', 'model'], { description: 'How much is stopped. Take the narrowest that suffices.' })
  scope!: 'agreement' | 'purpose' | 'model';

  @Text({ description: 'The purpose code or model snapshot; left out for the whole agreement.', optional: true })
  target?: string;
}

/** An agreement. */
export class AgreementAnswer {
  @Id({ description: 'The agreement.' })
  id!: string;

  @Id({ description: 'The partner organisation.' })
  organisationId!: string;

  @Text({ description: 'What people call it.' })
  title!: string;

  @OneOf(['draft', 'in_negotiation', 'in_approval', 'out_for_signature', 'executed', 'withdrawn', 'declined'], {
    description: 'Where its text stands.',
  })
  state!: string;

  @OneOf(standingStatuses, { description: 'What follows for access at this moment.' })
  status!: string;

  @Count({ description: 'The number of the newest revision.' })
  headNumber!: number;

  @Text({ description: 'Its digest; accepting, approving and signing name it.' })
  headDigest!: string;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Instant({ description: 'When it was drafted.' })
  createdAt!: string;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** One revision. */
export class RevisionAnswer extends WriteRevision {
  @Count({ description: 'Counts revisions from 1.' })
  number!: number;

  @Text({ description: 'Digest of prose and terms together.' })
  digest!: string;

  @Instant({ description: 'When it was written.' })
  createdAt!: string;
}

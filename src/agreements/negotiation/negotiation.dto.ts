import { Count, Id, Instant, JsonObject, ListOf, Nested, OneOf, Text, TrueOnly } from '../../http/fields.js';
import { PageQuery } from '../../http/paging.js';
import { ApprovalStage, approvalStages } from '../approval/agreement-approval.entity.js';
import { SignatureMethod, signatureMethods } from '../signing/agreement-signature.entity.js';
import { audiences } from './clause-comment.entity.js';

const digestPattern = /^sha-256:[0-9a-f]{64}$/;
const digestWords = '`sha-256:` and 64 hex digits';

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

/** The answer of one party to the other’s text: another text. */
export class CounterProposal extends WriteRevision {
  @Text({
    description: 'The digest of the revision that it answers, which must be the newest one.',
    max: 72,
    pattern: digestPattern,
    patternWords: digestWords,
  })
  baseDigest!: string;

  @Text({ description: 'What you say of it to the other party.', max: 2000, optional: true })
  message?: string;
}

/** Names the text that one agrees to. */
export class NameDigest {
  @Text({
    description: 'The digest of the revision that you read.',
    max: 72,
    pattern: digestPattern,
    patternWords: digestWords,
  })
  digest!: string;
}

/** One stage's approval. */
export class ApproveText extends NameDigest {
  @OneOf(approvalStages, { description: 'The stage you speak for. The usual tier asks for `approver` only.' })
  stage!: ApprovalStage;
}

/** A signature, by typed name or by a registered key. */
export class SignText extends NameDigest {
  @OneOf(signatureMethods, {
    description: '`typed_name`, which is taken where nothing is said, or `ed25519_jws` with a registered key.',
    optional: true,
  })
  method?: SignatureMethod;

  @Text({
    description: 'Detached JWS (RFC 7797) over the canonical bytes; given exactly with `ed25519_jws`.',
    max: 1000,
    optional: true,
  })
  jws?: string;

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

/** One revision. */
export class RevisionAnswer extends WriteRevision {
  @Count({ description: 'Counts revisions from 1.' })
  number!: number;

  @Text({ description: 'Digest of prose and terms together.' })
  digest!: string;

  @OneOf(['lab', 'partner'], { description: 'The party that wrote it.' })
  authorSide!: string;

  @Text({ description: 'What its author says of it.', max: 2000, nullable: true })
  message!: string | null;

  @Instant({ description: 'When it was written.' })
  createdAt!: string;
}

/** Which two revisions to compare. */
export class RedlineQuery {
  @Text({ description: 'The earlier revision’s number.', max: 9, pattern: /^[1-9]\d*$/, patternWords: 'a number' })
  from!: string;

  @Text({ description: 'The later revision’s number.', max: 9, pattern: /^[1-9]\d*$/, patternWords: 'a number' })
  to!: string;
}

/** One of the two revisions that a redline compares. */
export class RevisionNameShape {
  @Count({ description: 'Its number.' })
  number!: number;

  @Text({ description: 'Its digest.' })
  digest!: string;
}

/** One difference of the terms. */
export class TermsChangeShape {
  @Text({ description: 'RFC 6901 pointer into the terms.', min: 0 })
  pointer!: string;

  @OneOf(['added', 'removed', 'changed'], { description: 'What happened there.' })
  kind!: string;

  @JsonObject({ description: 'The value before; left out for something added.', optional: true })
  before?: unknown;

  @JsonObject({ description: 'The value after; left out for something removed.', optional: true })
  after?: unknown;
}

/** A run of words of a clause. */
export class WordShape {
  @OneOf(['kept', 'added', 'removed'], { description: 'Whether both texts have it, the later one or the earlier one.' })
  kind!: string;

  @Text({ description: 'The words, with the space around them.', min: 0, max: 20_000 })
  text!: string;
}

/** What happened to one clause of the prose. */
export class ClauseChangeShape {
  @Text({ description: 'The clause.' })
  clauseId!: string;

  @OneOf(['kept', 'added', 'removed', 'changed', 'moved'], { description: 'What happened to it.' })
  kind!: string;

  @ListOf(() => WordShape, { description: 'Its heading, word by word.' })
  heading!: WordShape[];

  @ListOf(() => WordShape, { description: 'Its text, word by word.' })
  text!: WordShape[];
}

/** What changed from one revision to another. */
export class RedlineAnswer {
  @Nested(() => RevisionNameShape, { description: 'The revision that is compared with.' })
  before!: RevisionNameShape;

  @Nested(() => RevisionNameShape, { description: 'The revision that is compared.' })
  after!: RevisionNameShape;

  @ListOf(() => TermsChangeShape, { description: 'The differences of the terms, in their order.' })
  terms!: TermsChangeShape[];

  @ListOf(() => ClauseChangeShape, { description: 'The clauses in reading order, removed ones where they stood.' })
  prose!: ClauseChangeShape[];
}

/** A remark on a clause. */
export class WriteComment {
  @Count({ description: 'The revision that it is about.', min: 1 })
  revisionNumber!: number;

  @Text({ description: 'The clause of that revision.', max: 20, example: '4.2' })
  clauseId!: string;

  @Text({ description: 'The remark.', max: 4000 })
  body!: string;

  @OneOf(audiences, { description: 'Who may read it: `both_parties`, or your `own_party` only.' })
  audience!: (typeof audiences)[number];
}

/** Which comments to list. */
export class CommentQuery extends PageQuery {
  @Text({ description: 'Only those on this clause.', max: 20, optional: true })
  clauseId?: string;
}

/** A remark on a clause. */
export class CommentAnswer extends WriteComment {
  @Id({ description: 'The comment.' })
  id!: string;

  @Text({ description: 'Who wrote it.' })
  authorName!: string;

  @OneOf(['lab', 'partner'], { description: 'Their party.' })
  authorSide!: string;

  @Instant({ description: 'When.' })
  at!: string;
}

/** One move in the life of an agreement or amendment. */
export class TransitionAnswer {
  @Id({ description: 'The move.' })
  id!: string;

  @Instant({ description: 'When it was made.' })
  at!: string;

  @Text({ description: 'The command that made it.' })
  command!: string;

  @Text({ description: 'The state before; null for the first draft.', nullable: true })
  fromState!: string | null;

  @Text({ description: 'The state after.' })
  toState!: string;

  @Text({ description: 'Who gave the command, by the name they had then.' })
  actorName!: string;

  @OneOf(['lab', 'partner', 'machine'], { description: 'Their party.' })
  actorSide!: string;

  @Text({ description: 'The reason that was given.', max: 2000, nullable: true })
  reason!: string | null;
}

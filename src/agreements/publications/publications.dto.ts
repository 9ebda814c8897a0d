import { Count, Id, Instant, ListOf, ListOfTexts, OneOf, Text } from '../../http/fields.js';
import { PageQuery } from '../../http/paging.js';
import { PublicationGround, publicationGrounds } from './publication-objection.entity.js';
import { reviewStates, reviewStatuses } from './publication-review.entity.js';

/** A manuscript for review. */
export class SubmitManuscript {
  @Text({ description: 'Its title.', max: 500 })
  title!: string;

  @Text({
    description: 'The digest of the manuscript: what is cleared is this very text.',
    max: 72,
    pattern: /^sha-256:[0-9a-f]{64}$/,
    patternWords: '`sha-256:` and 64 hex digits',
  })
  manuscriptDigest!: string;

  @Text({
    description: 'Where the lab gets it.',
    max: 2000,
    pattern: /^https:\/\/\S+$/,
    patternWords: 'an https address',
    optional: true,
  })
  link?: string;

  @Id({ description: 'The review whose objections this manuscript answers.', optional: true })
  previousReviewId?: string;
}

/** An objection to a passage. */
export class ObjectToManuscript {
  @OneOf(publicationGrounds, { description: 'The ground, which must be one of the agreement’s own terms.' })
  ground!: PublicationGround;

  @Text({ description: 'The passage, or where it stands.', max: 4000 })
  passage!: string;

  @Text({ description: 'What is wrong with it, and what would put it right.', max: 4000 })
  detail!: string;
}

/** Which reviews to list. */
export class ReviewQuery extends PageQuery {
  @Id({ description: 'Only those under this agreement.', optional: true })
  agreementId?: string;
}

/** A review of a manuscript. */
export class PublicationReviewAnswer {
  @Id({ description: 'The review.' })
  id!: string;

  @Id({ description: 'The agreement.' })
  agreementId!: string;

  @Id({ description: 'The partner organisation, which wants to publish.' })
  organisationId!: string;

  @Count({ description: 'The number of the version whose clock and grounds it goes by.', min: 1 })
  versionNumber!: number;

  @Text({ description: 'The manuscript’s title.', max: 500 })
  title!: string;

  @Text({ description: 'Its digest.' })
  manuscriptDigest!: string;

  @Text({ description: 'Where the lab gets it.', max: 2000, nullable: true })
  link!: string | null;

  @Id({ description: 'The review whose objections it answers.', nullable: true })
  previousReviewId!: string | null;

  @OneOf(reviewStates, { description: 'What was done with it.' })
  state!: string;

  @OneOf(reviewStatuses, { description: 'What follows at this moment, from that and from the time that has passed.' })
  status!: string;

  @Id({ description: 'Who submitted it.' })
  submittedBy!: string;

  @Instant({ description: 'When.' })
  submittedAt!: string;

  @Instant({ description: 'The end of the time for objections, exclusive; silence until then clears it.' })
  reviewBy!: string;

  @Instant({ description: 'When the lab took its one extension.', nullable: true })
  extendedAt!: string | null;

  @Text({ description: 'Why it did.', max: 2000, nullable: true })
  extensionReason!: string | null;

  @Instant({ description: 'When it was cleared in words, or withdrawn.', nullable: true })
  decidedAt!: string | null;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** One objection. */
export class ObjectionAnswer {
  @Id({ description: 'The objection.' })
  id!: string;

  @OneOf(publicationGrounds, { description: 'Its ground.' })
  ground!: string;

  @Text({ description: 'The passage.', max: 4000 })
  passage!: string;

  @Text({ description: 'What is wrong with it.', max: 4000 })
  detail!: string;

  @Instant({ description: 'When it was raised.' })
  objectedAt!: string;
}

/** A review with its objections. */
export class ReviewWithObjectionsAnswer extends PublicationReviewAnswer {
  @ListOf(() => ObjectionAnswer, { description: 'Every objection, first ones first.' })
  objections!: ObjectionAnswer[];
}

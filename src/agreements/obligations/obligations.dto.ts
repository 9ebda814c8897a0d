import { Count, Flag, Id, Instant, ListOf, ListOfTexts, OneOf, Text, TrueOnly } from '../../http/fields.js';
import { PageQuery } from '../../http/paging.js';
import { obligationStates, obligationStatuses, ObligationStatus } from './obligation.entity.js';
import { obligationKinds } from './schedule.js';

/** Which obligations to list. */
export class ObligationQuery extends PageQuery {
  @Id({ description: 'Only those under this agreement.', optional: true })
  agreementId?: string;

  @OneOf(obligationStatuses, { description: 'Only those that stand so at this moment.', optional: true })
  status?: ObligationStatus;
}

/** Who sees to an obligation. */
export class AssignObligation {
  @Id({ description: 'A member of your organisation who may act.' })
  ownerId!: string;
}

/** What is handed in for an obligation. */
export class SubmitObligation {
  @Text({ description: 'The report, attestation or disclosure in words, or what the document is.', max: 20_000 })
  statement!: string;

  @TrueOnly({
    description: 'That the statement is true and complete; an attestation or a certificate must say so.',
    optional: true,
  })
  attested?: true;

  @Text({
    description: 'The digest of the document.',
    max: 72,
    pattern: /^sha-256:[0-9a-f]{64}$/,
    patternWords: '`sha-256:` and 64 hex digits',
    optional: true,
  })
  documentDigest?: string;

  @Text({
    description: 'Where the lab gets the document.',
    max: 2000,
    pattern: /^https:\/\/\S+$/,
    patternWords: 'an https address',
    optional: true,
  })
  link?: string;
}

/** A discovery that the terms ask to disclose. */
export class Disclose {
  @Instant({ description: 'When it was discovered, which starts the clock.' })
  discoveredAt!: string;

  @Text({ description: 'The id of the reporting term, where the terms have several on discovery.', optional: true })
  termId?: string;
}

/** An obligation. */
export class ObligationAnswer {
  @Id({ description: 'The obligation.' })
  id!: string;

  @Id({ description: 'The agreement.' })
  agreementId!: string;

  @Id({ description: 'The partner organisation, which owes it.' })
  organisationId!: string;

  @Count({ description: 'The number of the version by which it is owed.', min: 1 })
  versionNumber!: number;

  @OneOf(obligationKinds, { description: 'What is owed.' })
  kind!: string;

  @Text({ description: 'The id that the terms give it.' })
  termId!: string;

  @Text({ description: 'The clause of the prose.' })
  clauseRef!: string;

  @Id({ description: 'The completed campaign that it is about.', nullable: true })
  campaignId!: string | null;

  @Instant({ description: 'For a disclosure: when the discovery was made.', nullable: true })
  discoveredAt!: string | null;

  @Instant({ description: 'The beginning of the period that it is about, inclusive.', nullable: true })
  periodStart!: string | null;

  @Instant({ description: 'The end of that period, exclusive.', nullable: true })
  periodEnd!: string | null;

  @Instant({ description: 'The end of the time for it, exclusive.' })
  dueAt!: string;

  @Id({ description: 'The member of the partner who sees to it.', nullable: true })
  ownerId!: string | null;

  @OneOf(obligationStates, { description: 'What was done about it.' })
  state!: string;

  @OneOf(obligationStatuses, {
    description: 'What follows at this moment, from that and from the time that has passed.',
  })
  status!: string;

  @Text({ description: 'Why the lab returned it last.', max: 2000, nullable: true })
  returnReason!: string | null;

  @Instant({ description: 'When the lab accepted or returned it last.', nullable: true })
  decidedAt!: string | null;

  @Text({ description: 'Why a waiver is proposed, or was confirmed.', max: 2000, nullable: true })
  waiverReason!: string | null;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** One thing that was handed in. */
export class SubmissionAnswer {
  @Id({ description: 'The submission.' })
  id!: string;

  @Text({ description: 'Who handed it in.' })
  submitterName!: string;

  @Instant({ description: 'When.' })
  submittedAt!: string;

  @Text({ description: 'The words.', max: 20_000 })
  statement!: string;

  @Flag({ description: 'Whether it was expressly stated to be true and complete.' })
  attested!: boolean;

  @Text({ description: 'The digest of the document.', nullable: true })
  documentDigest!: string | null;

  @Text({ description: 'Where the document can be had.', max: 2000, nullable: true })
  link!: string | null;
}

/** An obligation with everything that was handed in for it. */
export class ObligationWithSubmissionsAnswer extends ObligationAnswer {
  @ListOf(() => SubmissionAnswer, { description: 'Every submission, first ones first; a returned one stays.' })
  submissions!: SubmissionAnswer[];
}

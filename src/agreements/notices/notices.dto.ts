import { Count, Id, Instant, ListOfTexts, OneOf, Text } from '../../http/fields.js';
import { PageQuery } from '../../http/paging.js';
import { PROHIBITED_USE_CODES, ProhibitedUseCode } from '../../terms/prohibited-uses.js';
import { NoticeKind, noticeKinds, noticeStates, noticeStatuses } from './notice.entity.js';

/** A notice to the other party. */
export class ServeNotice {
  @OneOf(noticeKinds, { description: '`breach` starts a cure period; `termination` the days of convenience.' })
  kind!: NoticeKind;

  @Text({ description: 'The clause of the prose that is invoked.', max: 20, example: '3' })
  clauseRef!: string;

  @OneOf(PROHIBITED_USE_CODES, {
    description: 'For a breach that is a prohibited use of the terms: which one.',
    optional: true,
  })
  prohibitedUse?: ProhibitedUseCode;

  @Text({ description: 'What is noticed, with the facts; the other party reads it.', max: 20_000 })
  body!: string;
}

/** What was done about a breach. */
export class ReportRemedy {
  @Text({ description: 'What was done, and what prevents that it happens again.', max: 20_000 })
  remedy!: string;
}

/** A decision about a remedy or a notice. */
export class DecideNotice {
  @Text({ description: 'The decision in words; the other party reads it.', max: 4000 })
  decision!: string;
}

/** Which notices to list. */
export class NoticeQuery extends PageQuery {
  @Id({ description: 'Only those under this agreement.', optional: true })
  agreementId?: string;
}

/** A notice. */
export class NoticeAnswer {
  @Id({ description: 'The notice.' })
  id!: string;

  @Id({ description: 'The agreement under which it was served.' })
  agreementId!: string;

  @Id({ description: 'The partner organisation.' })
  organisationId!: string;

  @OneOf(noticeKinds, { description: 'What it is about.' })
  kind!: string;

  @OneOf(noticeStates, { description: 'What was done with it.' })
  state!: string;

  @OneOf(noticeStatuses, { description: 'What follows at this moment, from that and from the time that has passed.' })
  status!: string;

  @OneOf(['lab', 'partner'], { description: 'The party that served it.' })
  servedSide!: string;

  @Instant({ description: 'When it was served.' })
  servedAt!: string;

  @ListOfTexts({ description: 'The addresses of the terms, to which it goes.' })
  addresses!: string[];

  @Text({ description: 'The clause that is invoked.' })
  clauseRef!: string;

  @Text({ description: 'The prohibited use that is complained of.', nullable: true })
  prohibitedUse!: string | null;

  @Text({ description: 'What is noticed.', max: 20_000 })
  body!: string;

  @Instant({ description: 'When it was received, or will be deemed to be.' })
  receivedAt!: string;

  @Instant({ description: 'When the other party acknowledged it.', nullable: true })
  acknowledgedAt!: string | null;

  @Instant({ description: 'For a breach: the end of its cure period, not included.', nullable: true })
  cureBy!: string | null;

  @Text({ description: 'What the other party says it did about it.', max: 20_000, nullable: true })
  remedy!: string | null;

  @Text({ description: 'The decision on it, in words.', max: 4000, nullable: true })
  decision!: string | null;

  @Instant({ description: 'When it was decided.', nullable: true })
  decidedAt!: string | null;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

import { CalendarDate, Count, Id, Instant, OneOf, Text } from '../http/fields.js';
import { PageQuery } from '../http/paging.js';

/** A period to close. */
export class ClosePeriod {
  @OneOf(['day', 'month'], { description: 'How long it is.' })
  kind!: 'day' | 'month';

  @CalendarDate({ description: 'Its first day, in the agreement’s zone.', example: '2026-11-21' })
  date!: string;
}

/** Which statements to list. */
export class StatementQuery extends PageQuery {
  @Id({ description: 'Only those under this agreement.', optional: true })
  agreementId?: string;
}

/** A closed period. The statement itself is at `/v1/statements/{id}/document`. */
export class StatementAnswer {
  @Id({ description: 'The statement.' })
  id!: string;

  @Id({ description: 'The agreement.' })
  agreementId!: string;

  @OneOf(['day', 'month'], { description: 'How long the period is.' })
  kind!: string;

  @Count({ description: 'Counts statements of this kind under this agreement from 1.' })
  number!: number;

  @Instant({ description: 'When the period began, inclusive.' })
  startsAt!: string;

  @Instant({ description: 'When it ended, exclusive.' })
  endsAt!: string;

  @Instant({ description: 'When it was closed.' })
  closedAt!: string;

  @Count({ description: 'How many findings it holds.' })
  findings!: number;

  @Text({ description: 'SHA-256 of the sealed bytes.' })
  digest!: string;
}

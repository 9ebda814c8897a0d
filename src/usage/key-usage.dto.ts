import { CalendarDate, Count, Id, Instant, ListOf, ListOfTexts, Nested, Text } from '../http/fields.js';
import { RoomShape } from '../gateway/asking/decisions.dto.js';
import { usageDaysMax } from './usage-interval.js';

/** Which time to sum up. */
export class KeyUsageQuery {
  @Instant({ description: 'From when, inclusive; without it, thirty days before `until`.', optional: true })
  from?: string;

  @Instant({
    description: `Until when, exclusive, at most ${usageDaysMax} days later; without it, the end of today (UTC).`,
    optional: true,
  })
  until?: string;
}

/** Sums of what was used. */
export class UsedShape {
  @Count({ description: 'Requests.' })
  requests!: number;

  @Count({ description: 'Input tokens, cached ones included.' })
  inputTokens!: number;

  @Count({ description: 'Output tokens, reasoning included.' })
  outputTokens!: number;

  @Instant({ description: 'When it was last used; null where it was not.', nullable: true })
  lastUsedAt!: string | null;
}

/** What was used of one model on one day. */
export class DayOfUseShape extends UsedShape {
  @CalendarDate({ description: 'The day, in UTC.', example: '2026-03-02' })
  date!: string;

  @Text({ description: 'The snapshot that answered.' })
  model!: string;
}

/** A quota window that counts the key’s use now. */
export class KeyLimitShape extends RoomShape {
  @Text({ description: 'The clause behind it.', example: '5' })
  clauseRef!: string;

  @ListOfTexts({ description: 'The key’s models whose use it counts.' })
  models!: string[];

  @Count({ description: 'Used, as reported or assumed, by all whom the window counts.' })
  used!: number;

  @Count({ description: 'Of that, what is assumed: it was reserved, and nothing was reported of it for a day.' })
  assumed!: number;

  @Count({ description: 'Reserved by admissions whose use is not reported yet.' })
  leased!: number;

  @Count({ description: 'Lent to gateway nodes, which have admitted nothing from it yet.' })
  lent!: number;

  @Count({ description: 'Lent to gateway nodes that were not heard of any more; it counts as spent.' })
  quarantined!: number;

  @Instant({ description: 'When the window began, inclusive.' })
  startsAt!: string;
}

/** What a key has used, and what it may use still. */
export class KeyUsageAnswer {
  @Id({ description: 'The key.' })
  keyId!: string;

  @Text({ description: 'The part of the key that may be shown.' })
  publicId!: string;

  @Instant({ description: 'From when, inclusive.' })
  from!: string;

  @Instant({ description: 'Until when, exclusive.' })
  until!: string;

  @Nested(() => UsedShape, { description: 'All of it.' })
  totals!: UsedShape;

  @ListOf(() => DayOfUseShape, { description: 'By day and model; days without use are left out.', max: 10_000 })
  days!: DayOfUseShape[];

  @ListOf(() => KeyLimitShape, { description: 'Each quota window that counts the key now, whatever the interval.' })
  limits!: KeyLimitShape[];
}

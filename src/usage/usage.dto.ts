import { Count, Id, Instant, ListOf, OneOf, Text } from '../http/fields.js';
import { ItemResult } from './ingest.service.js';

/** What became of one event. */
export class ItemResultShape {
  @Text({ description: 'The event’s source.' })
  source!: string;

  @Text({ description: 'The event’s id.' })
  id!: string;

  @OneOf(['recorded', 'duplicate', 'conflict', 'rejected'], {
    description: '`duplicate`: kept before with the same payload. `conflict`: with another; the first stays.',
  })
  result!: ItemResult['result'];

  @Text({ description: 'Why, for a conflict or a rejection.', optional: true, max: 4000 })
  reason?: string;
}

/** What became of a batch of events. */
export class IngestAnswer {
  @Count({ description: 'Events kept now.' })
  recorded!: number;

  @Count({ description: 'Events that were kept before with the same payload.' })
  duplicates!: number;

  @Count({ description: 'Events that contradict one kept before; each becomes a finding.' })
  conflicts!: number;

  @Count({ description: 'Events that cannot be taken.' })
  rejected!: number;

  @ListOf(() => ItemResultShape, { description: 'Each event, in the order sent.', max: 10_000 })
  results!: ItemResult[];
}

/** Which usage to sum up. */
export class UsageQuery {
  @Id({ description: 'The agreement.' })
  agreementId!: string;

  @Instant({ description: 'From this hour, inclusive.', optional: true })
  from?: string;

  @Instant({ description: 'Until this hour, exclusive.', optional: true })
  until?: string;
}

/** Usage of one key, model and hour. */
export class UsageLineShape {
  @Count({ description: 'The agreement version in force then; 0 outside the term.' })
  agreementVersion!: number;

  @Id({ description: 'The campaign.' })
  campaignId!: string;

  @Text({ description: 'The public id of the key.' })
  key!: string;

  @Text({ description: 'The snapshot that answered.' })
  model!: string;

  @Text({ description: 'The purpose of the campaign.' })
  purpose!: string;

  @Instant({ description: 'The hour, in UTC.' })
  hour!: string;

  @Count({ description: 'Requests.' })
  requests!: number;

  @Count({ description: 'Input tokens, cached ones included.' })
  inputTokens!: number;

  @Count({ description: 'Output tokens, reasoning included.' })
  outputTokens!: number;
}

/** Usage by hour. */
export class UsageAnswer {
  @ListOf(() => UsageLineShape, { description: 'One line for each version, campaign, key, model and hour.' })
  lines!: UsageLineShape[];
}

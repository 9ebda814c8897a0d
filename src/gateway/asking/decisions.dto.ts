import { Count, Instant, ListOfTexts, OneOf, Text } from '../../http/fields.js';

/** The longest text of a reason: it may list everything that would have been right. */
const reasonMax = 20_000;

/** One rule that is not met. */
export class ReasonShape {
  @Text({ description: 'The clause of the agreement behind the rule.', example: '6' })
  clauseRef!: string;

  @Text({ description: 'The rule.', example: 'networks.cidrs' })
  rule!: string;

  @Text({ description: 'What it asks for.', max: reasonMax, example: '198.51.100.0/24' })
  expected!: string;

  @Text({ description: 'What was met instead.', max: reasonMax, example: '203.0.113.77' })
  observed!: string;
}

/** What is left of one quota that counts the request. */
export class RoomShape {
  @Text({ description: 'The quota’s id in the terms.', example: 'code-requests-daily' })
  quota!: string;

  @Text({ description: 'What is counted.', example: 'requests' })
  metric!: string;

  @Text({ description: 'The currency of spend, ISO 4217; null for everything else.', nullable: true, example: 'USD' })
  currency!: string | null;

  @OneOf(['agreement', 'campaign', 'researcher', 'key'], {
    description: 'Whose use is counted together; a slice of a quota counts for its campaign or key.',
  })
  scope!: string;

  @Count({ description: 'The limit, in units of the metric; spend in micro-units of the currency.' })
  limit!: number;

  @Count({ description: 'What is left now; what is lent to gateway nodes is not in it.' })
  remaining!: number;

  @Instant({ description: 'By when the whole limit is there again, if nothing more is used.' })
  resetsAt!: string;
}

/** The smallest request that was judged: what was named, and what was taken for what was not. */
export class AskedShape {
  @Text({ description: 'The endpoint.', example: 'messages' })
  endpoint!: string;

  @ListOfTexts({ description: 'The capabilities.', example: ['sampling'] })
  capabilities!: string[];

  @Text({ description: 'The address; null for a request without one.', nullable: true, example: '198.51.100.0' })
  address!: string | null;
}

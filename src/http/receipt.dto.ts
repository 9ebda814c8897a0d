import { Count, Id, Instant, ListOf, Text } from './fields.js';

/** What one gateway node made of a change. */
export class NodeReceiptAnswer {
  @Id({ description: 'The node.' })
  id!: string;

  @Text({
    description: 'Its host and process; null for a partner, whom the lab’s machines do not concern.',
    nullable: true,
  })
  name!: string | null;

  @Instant({
    description: 'By when it had applied the change: every decision that it made later knew of it. Null until then.',
    nullable: true,
  })
  appliedAt!: string | null;

  @Instant({
    description:
      'Five seconds after the database last heard of it: it decides nothing later, unless it is heard of again.',
  })
  freshUntil!: string;
}

/** Where a change is in force. Every instant is by the clock of the database. */
export class RevocationReceiptAnswer {
  @Count({ description: 'The number of the change. A receipt covers it and every change before it.', min: 1 })
  seq!: number;

  @Instant({ description: 'When that change was committed.' })
  committedAt!: string;

  @ListOf(() => NodeReceiptAnswer, {
    description: 'Each gateway node that could still have decided without the change when it was committed.',
  })
  nodes!: NodeReceiptAnswer[];

  @Instant({
    description:
      'Since when, at the latest, no node decides without the change: each has applied it, or refuses everything for ' +
      'want of news. Null until that is certain.',
    nullable: true,
  })
  effectiveEverywhereAt!: string | null;
}

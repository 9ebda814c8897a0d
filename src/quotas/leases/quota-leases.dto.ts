import { Count, Id, Instant, OneOf, Text } from '../../http/fields.js';
import { PageQuery } from '../../http/paging.js';
import { leaseStates } from './quota-lease.entity.js';

/** Which leases to list. */
export class QuotaLeaseQuery extends PageQuery {
  @Id({ description: 'Only those of windows under this agreement.', optional: true })
  agreementId?: string;

  @OneOf(leaseStates, { description: 'Only those in this state.', optional: true, example: 'quarantined' })
  state?: string;
}

/** Why what is left of a lease is given back. */
export class ReleaseLease {
  @Text({
    description: 'How it is known that nothing more was used of it; the partner reads it.',
    max: 2000,
    example: 'The log of the node shows that it stopped before it admitted anything more.',
  })
  reason!: string;
}

/** A part of a quota window that was lent to one gateway node. */
export class QuotaLeaseAnswer {
  @Id({ description: 'The lease.' })
  id!: string;

  @Id({ description: 'The agreement whose quota it is of.' })
  agreementId!: string;

  @Id({ description: 'The window that it is a part of.' })
  windowId!: string;

  @Text({ description: 'The quota’s id in the terms.', example: 'daily-requests' })
  quotaId!: string;

  @Text({ description: 'What is counted; spend in micro-units of its currency.', example: 'requests' })
  metric!: string;

  @Id({ description: 'The gateway node that it was lent to.' })
  nodeId!: string;

  @OneOf(leaseStates, {
    description: '`quarantined`: its node was not heard of in time, and what is left counts as spent.',
  })
  state!: string;

  @Count({ description: 'All that was ever lent under it.' })
  granted!: number;

  @Count({ description: 'What decisions that are known reserved of it.' })
  spent!: number;

  @Count({ description: 'What is left that nobody has accounted for; nothing of a closed one.' })
  left!: number;

  @Instant({ description: 'When it was first lent, by the clock of the database like each of these instants.' })
  openedAt!: string;

  @Instant({ description: 'Until when its node may use it.' })
  expiresAt!: string;

  @Instant({
    description: 'From when what is left counts as spent; null where its node was always heard of.',
    nullable: true,
  })
  quarantinedAt!: string | null;

  @Instant({ description: 'When what was left of it went back; null until then.', nullable: true })
  closedAt!: string | null;
}

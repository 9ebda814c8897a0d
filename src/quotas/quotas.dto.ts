import { Count, Flag, Id, Instant, OneOf, Text } from '../http/fields.js';

/** One window of one quota, and what is left of it. */
export class QuotaWindowAnswer {
  @Id({ description: 'The window.' })
  id!: string;

  @Text({ description: 'The quota’s id in the terms.', example: 'daily-requests' })
  quotaId!: string;

  @Text({ description: 'What is counted.', example: 'requests' })
  metric!: string;

  @Text({ description: 'The currency of spend, ISO 4217; null for everything else.', nullable: true, example: 'USD' })
  currency!: string | null;

  @OneOf(['minute', 'hour', 'day', 'week'], {
    description:
      'How long a window is that slides; null for any other. Its counts are of when it was last asked about by a gateway.',
    nullable: true,
  })
  unit!: string | null;

  @Text({ description: 'Whose use is counted together: the agreement, campaign, researcher or key.' })
  subject!: string;

  @Instant({ description: 'When the window begins, inclusive.' })
  startsAt!: string;

  @Instant({ description: 'When it ends, exclusive, and the next one begins.' })
  endsAt!: string;

  @Flag({ description: 'Whether requests beyond the limit are refused.' })
  hard!: boolean;

  @Count({ description: 'The limit, in units of the metric; spend in micro-units of the currency.' })
  limit!: number;

  @Count({ description: 'Reserved by admissions whose use is not reported yet.' })
  leased!: number;

  @Count({
    description: 'Lent to gateway nodes, which have admitted nothing from it yet; what they do not need comes back.',
  })
  lent!: number;

  @Count({
    description:
      'Lent to gateway nodes that were not heard of any more; it counts as spent until it is accounted for or released.',
  })
  quarantined!: number;

  @Count({ description: 'Used, as reported or assumed.' })
  used!: number;

  @Count({ description: 'Used beyond a hard limit, as reported or assumed.' })
  overrun!: number;

  @Count({
    description: 'Of what was used, what is assumed: it was reserved, and nothing was reported of it for a day.',
  })
  assumed!: number;

  @Count({ description: 'How many reported uses no price told the spend of; what they cost is not counted.' })
  unpriced!: number;
}

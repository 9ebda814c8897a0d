import { Count, Id, Instant, OneOf, Text } from '../http/fields.js';
import { PageQuery } from '../http/paging.js';
import { suspensionReasons, suspensionScopes } from './suspension.entity.js';

/** Why something is stopped. */
export class CreateSuspension {
  @OneOf(suspensionReasons, { description: 'The kind of reason.' })
  reasonCode!: (typeof suspensionReasons)[number];

  @Text({ description: 'The reason in words; the partner reads it.', max: 2000 })
  reason!: string;
}

/** Which stops to list. */
export class SuspensionQuery extends PageQuery {
  @Id({ description: 'Only stops within this agreement.', optional: true })
  agreementId?: string;

  @OneOf(['true', 'false'], { description: '`true`: only those not lifted.', optional: true })
  inForce?: string;
}

/** A scoped stop. */
export class SuspensionAnswer {
  @Id({ description: 'The stop.' })
  id!: string;

  @Id({ description: 'The partner organisation.' })
  organisationId!: string;

  @Id({ description: 'The agreement that bounds it.', nullable: true })
  agreementId!: string | null;

  @OneOf(suspensionScopes, { description: 'How much is stopped.' })
  scope!: string;

  @Text({ description: 'What exactly: an id, a purpose code or a model snapshot.' })
  target!: string;

  @OneOf(suspensionReasons, { description: 'The kind of reason.' })
  reasonCode!: string;

  @Text({ description: 'The reason in words.', max: 2000 })
  reason!: string;

  @OneOf(['lab', 'partner'], { description: 'The party that stopped, and that alone may resume.' })
  suspendedSide!: string;

  @Instant({ description: 'Since when it holds.' })
  suspendedAt!: string;

  @Instant({ description: 'When the first of two people proposed to lift it.', nullable: true })
  liftProposedAt!: string | null;

  @Instant({ description: 'When the second lifted it.', nullable: true })
  liftedAt!: string | null;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

import { Count, Id, Instant, ListOfTexts, OneOf, Text } from '../../http/fields.js';
import { PageQuery } from '../../http/paging.js';
import { TerminationKind, terminationKinds, terminationStates } from './termination.entity.js';

/** The proposal to end an agreement. */
export class ProposeTermination {
  @OneOf(terminationKinds, { description: 'Its legal kind, which decides what must have gone before.' })
  kind!: TerminationKind;

  @Id({
    description: 'The notice of breach or of termination that went before; left out where both agree.',
    optional: true,
  })
  noticeId?: string;

  @Text({ description: 'The reason; the other party reads it.', max: 4000 })
  reason!: string;
}

/** Which terminations to list. */
export class TerminationQuery extends PageQuery {
  @Id({ description: 'Only those of this agreement.', optional: true })
  agreementId?: string;
}

/** The end of an agreement, proposed or confirmed. */
export class TerminationAnswer {
  @Id({ description: 'The termination.' })
  id!: string;

  @Id({ description: 'The agreement.' })
  agreementId!: string;

  @Id({ description: 'The partner organisation.' })
  organisationId!: string;

  @OneOf(terminationKinds, { description: 'Its legal kind.' })
  kind!: string;

  @OneOf(terminationStates, { description: 'Where it stands.' })
  state!: string;

  @Id({ description: 'The notice that went before.', nullable: true })
  noticeId!: string | null;

  @Text({ description: 'The reason.', max: 4000 })
  reason!: string;

  @OneOf(['lab', 'partner'], { description: 'The party that proposed it.' })
  proposedSide!: string;

  @Instant({ description: 'When.' })
  proposedAt!: string;

  @Instant({ description: 'When the second person confirmed it, which ended the agreement.', nullable: true })
  confirmedAt!: string | null;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

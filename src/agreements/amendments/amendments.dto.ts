import { Count, Id, Instant, ListOfTexts, OneOf, Text } from '../../http/fields.js';
import { PageQuery } from '../../http/paging.js';
import { AmendmentKind, amendmentKinds } from '../../terms/amending/amendment.js';
import { WriteRevision } from '../negotiation/negotiation.dto.js';
import { amendmentStates } from './amendment.entity.js';

/** A change of an executed agreement: the whole text as it is to be, of which Parley works out the changes. */
export class CreateAmendment extends WriteRevision {
  @OneOf(amendmentKinds, {
    description:
      '`material`: negotiated and signed by both; `administrative`: notice addresses, one approval and an ' +
      'acknowledgement; `protective`: the lab narrows while a breach is being cured, where the terms allow it.',
  })
  kind!: AmendmentKind;

  @Instant({ description: 'From when it is to hold: not in the past, within the term, after the version it amends.' })
  effectiveFrom!: string;

  @Text({ description: 'Why, in words that both parties read.', max: 4000 })
  rationale!: string;
}

/** Which amendments to list. */
export class AmendmentQuery extends PageQuery {
  @Id({ description: 'Only those of this agreement.', optional: true })
  agreementId?: string;
}

/** An amendment. */
export class AmendmentAnswer {
  @Id({ description: 'The amendment.' })
  id!: string;

  @Id({ description: 'The agreement that it changes.' })
  agreementId!: string;

  @Id({ description: 'The partner organisation.' })
  organisationId!: string;

  @OneOf(amendmentKinds, { description: 'How it comes about.' })
  kind!: string;

  @OneOf(amendmentStates, { description: 'Where its text stands.' })
  state!: string;

  @OneOf(['lab', 'partner'], { description: 'The party that must answer, while it is negotiated.', nullable: true })
  turn!: string | null;

  @Count({ description: 'The version that it amends; executed, it becomes the next one.' })
  baseNumber!: number;

  @Instant({ description: 'From when it is to hold; executed later, it holds from its execution.' })
  effectiveFrom!: string;

  @Text({ description: 'Why.', max: 4000 })
  rationale!: string;

  @Count({ description: 'The number of the newest revision.' })
  headNumber!: number;

  @Text({ description: 'Its digest; accepting, approving and signing name it.' })
  headDigest!: string;

  @Instant({ description: 'When it lapses if it is not signed.', nullable: true })
  signBy!: string | null;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Instant({ description: 'When it was drafted.' })
  createdAt!: string;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

import { Id, Instant, Nested, OneOf, Text } from '../../http/fields.js';
import { checkKinds, checkOutcomes } from './partner-check.entity.js';

/** One check of due diligence, as an approval takes it. */
export class CheckShape {
  @OneOf(['clear', 'accepted_risk'], { description: 'What came out.' })
  outcome!: 'clear' | 'accepted_risk';

  @Text({ description: 'What was consulted.', example: 'EU consolidated list of 2026-11-20' })
  source!: string;
}

/** The approval of a partner organisation. */
export class ApprovePartner {
  @Nested(() => CheckShape, { description: 'The sanctions check.' })
  sanctions!: CheckShape;

  @Nested(() => CheckShape, { description: 'The conflict-of-interest check.' })
  conflict!: CheckShape;
}

/** A check of due diligence to record. */
export class RecordCheck {
  @OneOf(checkKinds, { description: 'What was checked.' })
  kind!: (typeof checkKinds)[number];

  @OneOf(checkOutcomes, { description: 'What came out. While the newest check of a kind says blocked, none approves.' })
  outcome!: (typeof checkOutcomes)[number];

  @Text({ description: 'What was consulted.', example: 'EU consolidated list of 2026-11-20' })
  source!: string;

  @Text({ description: 'The lab’s own note, which no partner sees.', max: 2000, optional: true })
  note?: string;
}

/** A recorded check. */
export class CheckAnswer {
  @Id({ description: 'The check.' })
  id!: string;

  @OneOf(checkKinds, { description: 'What was checked.' })
  kind!: string;

  @OneOf(checkOutcomes, { description: 'What came out.' })
  outcome!: string;

  @Text({ description: 'What was consulted.' })
  source!: string;

  @Text({ description: 'The lab’s own note.', max: 2000, nullable: true })
  note!: string | null;

  @Text({ description: 'Who checked: a user’s id.' })
  checkedBy!: string;

  @Instant({ description: 'When.' })
  checkedAt!: string;
}

/** The newest check of a kind, in brief. */
class NewestCheckShape {
  @OneOf(checkOutcomes, { description: 'What came out.' })
  outcome!: string;

  @Text({ description: 'What was consulted.' })
  source!: string;
}

/** The newest check of each kind. */
export class DueDiligenceShape {
  @Nested(() => NewestCheckShape, { description: 'The newest sanctions check.' })
  sanctions!: NewestCheckShape;

  @Nested(() => NewestCheckShape, { description: 'The newest conflict-of-interest check.' })
  conflict!: NewestCheckShape;

  @Id({ description: 'Who made the later of the two.' })
  checkedBy!: string;

  @Instant({ description: 'When.' })
  checkedAt!: string;
}

import { partnerRoles } from '../kernel/actor.js';
import { Count, Email, Flag, Id, Instant, ListOf, ListOfTexts, Nested, OneOf, Text } from '../http/fields.js';
import { contactKinds, DueDiligence } from './partner-organisation.entity.js';

/** Whom to reach for what. */
export class ContactShape {
  @OneOf(contactKinds, { description: 'What for.' })
  kind!: (typeof contactKinds)[number];

  @Text({ description: 'The person’s or office’s name.', example: 'General Counsel' })
  name!: string;

  @Email({ description: 'Where to write.', example: 'notices@rival.example' })
  email!: string;
}

/** A partner organisation as staff enter it. */
export class WritePartner {
  @Text({ description: 'The legal name, as it will stand in agreements.', example: 'Rival Research GmbH' })
  legalName!: string;

  @Text({
    description: 'Country of registration, ISO 3166-1 alpha-2.',
    min: 2,
    max: 2,
    pattern: /^[A-Z]{2}$/,
    patternWords: 'two capital letters',
    example: 'DE',
  })
  country!: string;

  @ListOfTexts({
    description: 'E-mail domains of its members, lower case.',
    min: 1,
    max: 20,
    example: ['rival.example'],
  })
  emailDomains!: string[];

  @Flag({ description: 'Whether it builds competing models.', example: true })
  competitor!: boolean;

  @ListOf(() => ContactShape, { description: 'Contacts by kind.', max: 20 })
  contacts!: ContactShape[];
}

/** One check of due diligence. */
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

/** An invitation of a partner organisation's member. */
export class InviteMember {
  @Email({ description: 'Whom to invite; of one of the organisation’s domains.', example: 'lin@rival.example' })
  email!: string;

  @ListOfTexts({ description: 'The roles they will have.', values: partnerRoles, min: 1 })
  roles!: (typeof partnerRoles)[number][];
}

/** What was checked before approval. */
export class DueDiligenceShape extends ApprovePartner {
  @Id({ description: 'Who checked.' })
  checkedBy!: string;

  @Instant({ description: 'When.' })
  checkedAt!: string;
}

/** A partner organisation. */
export class PartnerAnswer extends WritePartner {
  @Id({ description: 'The organisation.' })
  id!: string;

  @OneOf(['prospect', 'under_review', 'active'], { description: 'Where it stands.' })
  state!: string;

  @Nested(() => DueDiligenceShape, { description: 'What was checked before approval.', nullable: true })
  dueDiligence!: DueDiligence | null;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Instant({ description: 'When it was entered.' })
  createdAt!: string;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

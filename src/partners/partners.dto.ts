import { partnerRoles } from '../kernel/actor.js';
import { Count, Email, Flag, Id, Instant, ListOf, ListOfTexts, Nested, OneOf, Text } from '../http/fields.js';
import { suspensionReasons } from '../suspensions/suspension.entity.js';
import { ContactAnswer, ContactShape } from './contacts/contacts.dto.js';
import { DueDiligenceShape } from './due-diligence/checks.dto.js';
import { partnerStates } from './partner-organisation.entity.js';

/** Who a partner organisation is. */
class PartnerFacts {
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
}

/** A partner organisation as staff enter it. */
export class WritePartner extends PartnerFacts {
  @ListOf(() => ContactShape, { description: 'Contacts by kind; a correction replaces them.', max: 20 })
  contacts!: ContactShape[];
}

/** Why a partner organisation is declined or offboarded. */
export class EndPartner {
  @Text({ description: 'The reason in words; the partner can read it.', max: 2000 })
  reason!: string;
}

/** From where a partner organisation works. */
export class SetNetworks {
  @ListOfTexts({
    description: 'CIDR blocks, IPv4 or IPv6, without host bits. They replace those from before.',
    max: 100,
    length: 50,
    example: ['198.51.100.0/24'],
  })
  cidrs!: string[];
}

/** An invitation of a partner organisation's member. */
export class InviteMember {
  @Email({ description: 'Whom to invite; of one of the organisation’s domains.', example: 'lin@rival.example' })
  email!: string;

  @ListOfTexts({ description: 'The roles they will have.', values: partnerRoles, min: 1 })
  roles!: (typeof partnerRoles)[number][];
}

/** A stop of a whole partner organisation, in brief. */
class PartnerSuspensionShape {
  @Id({ description: 'The stop.' })
  id!: string;

  @OneOf(['organisation'], { description: 'How much is stopped: everything.' })
  scope!: string;

  @Text({ description: 'What exactly: the organisation’s id.' })
  target!: string;

  @OneOf(suspensionReasons, { description: 'The kind of reason.' })
  reasonCode!: string;

  @Instant({ description: 'Since when it holds.' })
  suspendedAt!: string;
}

/** A partner organisation. */
export class PartnerAnswer extends PartnerFacts {
  @Id({ description: 'The organisation.' })
  id!: string;

  @OneOf(partnerStates, { description: 'Where it stands.' })
  state!: string;

  @ListOf(() => ContactAnswer, { description: 'The contacts in force.', max: 20 })
  contacts!: ContactAnswer[];

  @ListOfTexts({ description: 'CIDR blocks from which it says that it works.' })
  networks!: string[];

  @Nested(() => DueDiligenceShape, {
    description: 'The newest check of each kind; null until both kinds were checked.',
    nullable: true,
  })
  dueDiligence!: DueDiligenceShape | null;

  @ListOf(() => PartnerSuspensionShape, { description: 'The stops of the whole organisation that are in force.' })
  suspensions!: PartnerSuspensionShape[];

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Instant({ description: 'When it was entered.' })
  createdAt!: string;

  @Instant({ description: 'When it was declined or offboarded.', nullable: true })
  endedAt!: string | null;

  @Text({ description: 'Why it was declined or offboarded.', max: 2000, nullable: true })
  endReason!: string | null;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** Something that still binds a partner organisation. */
class TieShape {
  @Text({ description: 'What kind of thing.', example: 'key' })
  kind!: string;

  @Id({ description: 'That thing.' })
  id!: string;

  @Text({ description: 'What it is, and what would end it.', max: 500 })
  detail!: string;
}

/** What still binds a partner organisation. */
export class TiesAnswer {
  @ListOf(() => TieShape, { description: 'None when nothing stands in the way of offboarding.', max: 100_000 })
  ties!: TieShape[];
}

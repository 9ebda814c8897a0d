import { labRoles, partnerRoles } from '../kernel/actor.js';
import { Count, Email, Id, Instant, ListOfTexts, OneOf, Text } from '../http/fields.js';

/** A log-in. */
export class OpenSession {
  @Email({ description: 'The address of the account.', example: 'ada@lab.example' })
  email!: string;

  @Text({ description: 'The password.', max: 200 })
  password!: string;
}

/** An exchange of a refresh token for new tokens. */
export class RefreshSession {
  @Text({ description: 'The refresh token of the last answer; each is good once.' })
  refreshToken!: string;
}

/** Tokens of a session. */
export class TokensAnswer {
  @Text({ description: 'Send as `Authorization: Bearer …`. Valid for 15 minutes.', max: 2000 })
  accessToken!: string;

  @Instant({ description: 'When the access token ends.' })
  expiresAt!: string;

  @Text({ description: 'Good for one refresh within 14 days. Using an old one again ends the session.' })
  refreshToken!: string;
}

/** Accepting an invitation. */
export class AcceptInvitation {
  @Text({ description: 'The token of the invitation.' })
  token!: string;

  @Text({ description: 'Your name, as it will stand on approvals and signatures.', example: 'Ada Lovelace' })
  name!: string;

  @Text({ description: 'A new password of at least 12 characters.', min: 12, max: 200 })
  password!: string;

  @Email({ description: 'Your address, only when the invitation names none.', optional: true })
  email?: string;
}

/** An invitation of lab staff. */
export class InviteStaff {
  @Email({ description: 'Whom to invite.', example: 'grace@lab.example' })
  email!: string;

  @ListOfTexts({ description: 'The roles they will have.', values: labRoles, min: 1 })
  roles!: (typeof labRoles)[number][];
}

/** New roles of a person. */
export class SetRoles {
  @ListOfTexts({
    description: 'Exactly these roles, of the person’s own side.',
    values: [...labRoles, ...partnerRoles],
  })
  roles!: (typeof labRoles)[number][];
}

/** An invitation. */
export class InvitationAnswer {
  @Id({ description: 'The invitation.' })
  id!: string;

  @Email({ description: 'Whom it is for.', nullable: true })
  email!: string | null;

  @Id({ description: 'The partner organisation; null for lab staff.', nullable: true })
  organisationId!: string | null;

  @ListOfTexts({ description: 'The roles it gives.' })
  roles!: string[];

  @Instant({ description: 'Until when it may be accepted.' })
  expiresAt!: string;

  @Instant({ description: 'When it was used or withdrawn.', nullable: true })
  closedAt!: string | null;
}

/** A new invitation with its token. */
export class InvitationWithTokenAnswer extends InvitationAnswer {
  @Text({ description: 'Hand this to the person by a safe way. It is shown this once.', nullable: true })
  token!: string | null;
}

/** A person's account. */
export class UserAnswer {
  @Id({ description: 'The account.' })
  id!: string;

  @Email({ description: 'Its address.' })
  email!: string;

  @Text({ description: 'The person’s name.' })
  name!: string;

  @OneOf(['lab', 'partner'], { description: 'Which party the person belongs to.' })
  side!: string;

  @Id({ description: 'The partner organisation; null for lab staff.', nullable: true })
  organisationId!: string | null;

  @ListOfTexts({ description: 'What the person may do.' })
  roles!: string[];

  @Instant({ description: 'Since when the account is suspended.', nullable: true })
  suspendedAt!: string | null;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** A name for a gateway's credential. */
export class CreateGatewayCredential {
  @Text({
    description: 'The gateway’s name.',
    max: 63,
    pattern: /^[a-z0-9][a-z0-9.-]*$/,
    patternWords: 'of a–z, 0–9, dot and hyphen',
    example: 'eu-1',
  })
  name!: string;
}

/** A gateway's credential. */
export class GatewayCredentialAnswer {
  @Id({ description: 'The credential.' })
  id!: string;

  @Text({ description: 'The gateway’s name.' })
  name!: string;

  @Instant({ description: 'When it was issued.' })
  createdAt!: string;

  @Instant({ description: 'When it was revoked.', nullable: true })
  revokedAt!: string | null;

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

/** A new credential with its secret. */
export class GatewayCredentialWithSecretAnswer extends GatewayCredentialAnswer {
  @Text({ description: 'Send as `Authorization: Bearer …`. It is shown this once.', nullable: true })
  secret!: string | null;
}

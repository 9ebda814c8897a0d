import { Count, Id, Instant, ListOfTexts, OneOf, Text } from '../../http/fields.js';
import { signingKeyStates } from './partner-signing-key.entity.js';

/** 64 bytes in base64url without padding, in their one spelling: the last character carries two bits. */
const signature = { min: 86, max: 86, pattern: /^[A-Za-z0-9_-]{85}[AQgw]$/, patternWords: '64 bytes in base64url' };

/** A signing key to register. */
export class RegisterSigningKey {
  @Text({ description: 'What you call it.', max: 100, example: 'Contracts 2026' })
  label!: string;

  @Text({
    description: 'The raw Ed25519 public key (RFC 8032): 32 bytes, base64url without padding.',
    example: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  })
  publicKey!: string;

  @Id({ description: 'Your active key that this one is to replace.', optional: true })
  replaces?: string;
}

/** The proof that its registrant holds a key. */
export class ProveSigningKey {
  @Text({ description: 'The signature of the challenge’s UTF-8 bytes by the key, base64url.', ...signature })
  signature!: string;

  @Text({
    description: 'The signature of the same bytes by the key to be replaced; only and always where there is one.',
    optional: true,
    ...signature,
  })
  predecessorSignature?: string;
}

/** Why a signing key is revoked. */
export class RevokeSigningKey {
  @Text({ description: 'The reason in words.', max: 2000 })
  reason!: string;
}

/** A signing key of a partner. */
export class SigningKeyAnswer {
  @Id({ description: 'The key.' })
  id!: string;

  @Id({ description: 'The partner organisation.' })
  organisationId!: string;

  @Text({ description: 'What the partner calls it.' })
  label!: string;

  @Text({ description: 'The raw Ed25519 public key, base64url.' })
  publicKey!: string;

  @Text({ description: 'First 16 hex digits of SHA-256 over the raw public key.', example: '21fe31dfa154a261' })
  keyId!: string;

  @OneOf(signingKeyStates, { description: 'Where it stands. Only an active key signs.' })
  state!: string;

  @Text({ description: 'The text whose UTF-8 bytes prove possession once the key has signed them.', max: 1000 })
  challenge!: string;

  @Instant({ description: 'Until when, exclusive, the challenge may be answered.' })
  challengeValidUntil!: string;

  @Id({ description: 'The key that this one is to replace.', nullable: true })
  replacesId!: string | null;

  @Id({ description: 'Who registered it.' })
  registeredBy!: string;

  @Instant({ description: 'When.' })
  registeredAt!: string;

  @Instant({ description: 'When possession was proved.', nullable: true })
  provedAt!: string | null;

  @Id({ description: 'The first of the two people of the lab who approve.', nullable: true })
  firstApprovedBy!: string | null;

  @Id({ description: 'The second.', nullable: true })
  secondApprovedBy!: string | null;

  @Instant({ description: 'Since when it signs, or signed.', nullable: true })
  activeAt!: string | null;

  @Instant({ description: 'When it was replaced or revoked.', nullable: true })
  endedAt!: string | null;

  @Text({ description: 'Why.', max: 2000, nullable: true })
  endReason!: string | null;

  @ListOfTexts({ description: 'The commands that you may give now.' })
  allowedActions!: string[];

  @Count({ description: 'Counts changes; the ETag.' })
  version!: number;
}

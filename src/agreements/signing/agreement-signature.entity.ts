import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

export const signatureMethods = ['typed_name', 'ed25519_jws'] as const;
export type SignatureMethod = (typeof signatureMethods)[number];

/**
 * One party's signature on one digest, with the evidence of intent, authority, attribution and time. A signature of an
 * earlier round was voided by reopening; it stays as evidence.
 */
@Entity()
@Index('uq_agreement_signature_party', ['textId', 'round', 'party'], { unique: true })
export class AgreementSignature {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_agreement_signature_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  /** The agreement itself, or the amendment. */
  @Column({ type: 'uuid' })
  textId!: string;

  @Column({ type: 'integer' })
  round!: number;

  @Column({ type: 'text' })
  digest!: string;

  @Column({ type: 'text' })
  party!: 'evaluator' | 'provider';

  @Column({ type: 'text' })
  method!: SignatureMethod | 'acknowledgement';

  @Column({ type: 'text' })
  signerId!: string;

  /** As typed, which must be the name on file. */
  @Column({ type: 'text' })
  legalName!: string;

  /** Null for an acknowledgement, which is no signature and affirms no statements. */
  @Column({ type: 'text', nullable: true })
  title!: string | null;

  /** Which wording of the two statements the signer affirmed. */
  @Column({ type: 'text', nullable: true })
  statementsVersion!: string | null;

  /** SHA-256 of that wording. */
  @Column({ type: 'text', nullable: true })
  statementsDigest!: string | null;

  /** When the signer last proved who they are. */
  @Column({ type: 'timestamptz' })
  authenticatedAt!: Date;

  @Column({ type: 'timestamptz' })
  signedAt!: Date;

  /** The detached JWS over the canonical bytes, and the registered key that made it; null for a typed name. */
  @Column({ type: 'text', nullable: true })
  jws!: string | null;

  @ForeignKey('PartnerSigningKey', { name: 'fk_agreement_signature_key' })
  @Column({ type: 'uuid', nullable: true })
  signingKeyId!: string | null;

  @Column({ type: 'text' })
  address!: string;

  @Column({ type: 'text' })
  addressSource!: 'socket' | 'trusted_proxy';

  @Column({ type: 'text' })
  userAgent!: string;
}

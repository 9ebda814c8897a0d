import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** One party's signature on one digest, with the evidence of intent, authority, attribution and time. */
@Entity()
@Index('uq_agreement_signature_party', ['agreementId', 'digest', 'party'], { unique: true })
export class AgreementSignature {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_agreement_signature_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @Column({ type: 'text' })
  digest!: string;

  @Column({ type: 'text' })
  party!: 'evaluator' | 'provider';

  @Column({ type: 'text' })
  method!: 'typed_name';

  @Column({ type: 'text' })
  signerId!: string;

  /** As typed, which must be the name on file. */
  @Column({ type: 'text' })
  legalName!: string;

  @Column({ type: 'text' })
  title!: string;

  /** Which wording of the two statements the signer affirmed. */
  @Column({ type: 'text' })
  statementsVersion!: string;

  /** SHA-256 of that wording. */
  @Column({ type: 'text' })
  statementsDigest!: string;

  /** When the signer last proved who they are. */
  @Column({ type: 'timestamptz' })
  authenticatedAt!: Date;

  @Column({ type: 'timestamptz' })
  signedAt!: Date;

  @Column({ type: 'text' })
  address!: string;

  @Column({ type: 'text' })
  addressSource!: 'socket' | 'trusted_proxy';

  @Column({ type: 'text' })
  userAgent!: string;
}

import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What the partner handed in for an obligation. Only ever inserted: what replaces a returned one stands beside it. */
@Entity()
@Index('ix_obligation_submission_obligation', ['obligationId', 'id'])
export class ObligationSubmission {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Obligation', { name: 'fk_obligation_submission_obligation' })
  @Column({ type: 'uuid' })
  obligationId!: string;

  @Column({ type: 'text' })
  submittedBy!: string;

  /** As on the account at the time, so that it can be read when the account is long gone. */
  @Column({ type: 'text' })
  submitterName!: string;

  @Column({ type: 'timestamptz' })
  submittedAt!: Date;

  @Column({ type: 'text' })
  statement!: string;

  /** Whether the submitter stated expressly that it is true, as an attestation must be. */
  @Column({ type: 'boolean' })
  attested!: boolean;

  /** The digest of the document that is handed over elsewhere; null where the statement is all. */
  @Column({ type: 'text', nullable: true })
  documentDigest!: string | null;

  /** Where the document can be had. */
  @Column({ type: 'text', nullable: true })
  link!: string | null;
}

import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { ProseClause } from '../../terms/digest.js';
import { Terms } from '../../terms/terms.js';
import type { NegotiatingSide } from './negotiated-text.js';

/** One proposed text: prose and terms under one digest. Never changed; a new text is a new revision. */
@Entity()
@Index('uq_agreement_revision_number', ['textId', 'number'], { unique: true })
export class AgreementRevision {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_agreement_revision_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  /** The agreement itself, or the amendment. */
  @Column({ type: 'uuid' })
  textId!: string;

  /** Counts revisions from 1. */
  @Column({ type: 'integer' })
  number!: number;

  @Column({ type: 'text' })
  authorId!: string;

  @Column({ type: 'text' })
  authorSide!: NegotiatingSide;

  /** What its author says of it to the other party. */
  @Column({ type: 'text', nullable: true })
  message!: string | null;

  @Column({ type: 'jsonb' })
  terms!: Terms;

  @Column({ type: 'jsonb' })
  prose!: ProseClause[];

  /** The signing document as canonical bytes; what every signature covers. */
  @Column({ type: 'bytea' })
  canonical!: Buffer;

  /** `sha-256:` over the canonical bytes. */
  @Column({ type: 'text' })
  digest!: string;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;
}

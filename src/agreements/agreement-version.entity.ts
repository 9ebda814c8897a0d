import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Terms } from '../terms/terms.js';

/** One executed text with the evidence that both parties signed it. Usage is judged by the version of its own time. */
@Entity()
@Index('uq_agreement_version_number', ['agreementId', 'number'], { unique: true })
export class AgreementVersion {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_agreement_version_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_agreement_version_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  /** Counts executed versions from 1. */
  @Column({ type: 'integer' })
  number!: number;

  @Column({ type: 'text' })
  digest!: string;

  @Column({ type: 'bytea' })
  canonical!: Buffer;

  @Column({ type: 'jsonb' })
  terms!: Terms;

  @Column({ type: 'timestamptz' })
  executedAt!: Date;

  /** The sealed evidence bundle, byte for byte as both parties got it. */
  @Column({ type: 'bytea' })
  evidence!: Buffer;
}

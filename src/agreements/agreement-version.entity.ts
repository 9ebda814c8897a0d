import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { AmendmentKind } from '../terms/amending/amendment.js';
import { Terms } from '../terms/terms.js';

export type VersionKind = 'original' | AmendmentKind;

/**
 * One executed text with the evidence of how it came about. A version holds from `effectiveFrom` until the next one
 * does, so that versions tile the term; a trigger refuses one that would begin before its predecessor. Usage is judged
 * by the version of its own time.
 */
@Entity()
@Index('uq_agreement_version_number', ['agreementId', 'number'], { unique: true })
@Check('ck_agreement_version_forward', 'effective_from >= executed_at')
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
  kind!: VersionKind;

  /** The text that was executed: the agreement itself, or an amendment of it. */
  @Column({ type: 'uuid' })
  textId!: string;

  /** Of its signatures; earlier ones were voided. */
  @Column({ type: 'integer' })
  round!: number;

  /** From when it holds: as agreed, or from its execution if that came later. */
  @Column({ type: 'timestamptz' })
  effectiveFrom!: Date;

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

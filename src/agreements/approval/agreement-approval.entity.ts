import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The stages of approval: the usual tier asks for the first, the high tier for all three, by three people. */
export const approvalStages = ['approver', 'legal', 'compliance_lead'] as const;
export type ApprovalStage = (typeof approvalStages)[number];

/**
 * One person's approval of one digest. An edit makes it stale by itself, since the digest is no longer the head's. A
 * trigger refuses the author of any revision, also behind a delegation; the unique indexes refuse the same person twice.
 */
@Entity()
@Index('uq_agreement_approval_person', ['textId', 'round', 'approverId'], { unique: true })
@Index('uq_agreement_approval_stage', ['textId', 'round', 'stage'], { unique: true })
export class AgreementApproval {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_agreement_approval_agreement' })
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
  stage!: ApprovalStage;

  @Column({ type: 'text' })
  approverId!: string;

  @Column({ type: 'text' })
  approverName!: string;

  /** The person who had delegated the stage to the approver, and by which row; null for who speaks for it themself. */
  @Column({ type: 'text', nullable: true })
  onBehalfOf!: string | null;

  @ForeignKey('ApprovalDelegation', { name: 'fk_agreement_approval_delegation' })
  @Column({ type: 'uuid', nullable: true })
  delegationId!: string | null;

  @Column({ type: 'timestamptz' })
  approvedAt!: Date;
}

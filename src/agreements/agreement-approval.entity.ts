import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The stages of approval: the usual tier asks for the first, the high tier for all three, by three people. */
export const approvalStages = ['approver', 'legal', 'compliance_lead'] as const;
export type ApprovalStage = (typeof approvalStages)[number];

/**
 * One person's approval of one digest. An edit makes it stale by itself, since the digest is no longer the head's. A
 * trigger refuses the author of any revision; the unique index refuses the same person twice.
 */
@Entity()
@Index('uq_agreement_approval_person', ['agreementId', 'digest', 'approverId'], { unique: true })
@Index('uq_agreement_approval_stage', ['agreementId', 'digest', 'stage'], { unique: true })
export class AgreementApproval {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_agreement_approval_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @Column({ type: 'text' })
  digest!: string;

  @Column({ type: 'text' })
  stage!: ApprovalStage;

  @Column({ type: 'text' })
  approverId!: string;

  @Column({ type: 'text' })
  approverName!: string;

  @Column({ type: 'timestamptz' })
  approvedAt!: Date;
}

import { Check, Column, Entity, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Subject } from '../../audit/change.js';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';
import { ApprovalStage } from './agreement-approval.entity.js';

/**
 * One person's standing in for another at one stage of approval, for a time. It is named and time-boxed, and every
 * approval given under it shows it. It is the lab's own affair.
 */
@Entity()
@Index('ix_approval_delegation_delegate', ['delegateId', 'until'])
@Check('separation_delegation', 'delegate_id <> delegator_id')
@Check('ck_approval_delegation_window', '"from" < until')
export class ApprovalDelegation {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  stage!: ApprovalStage;

  @Column({ type: 'text' })
  delegatorId!: string;

  @Column({ type: 'text' })
  delegatorName!: string;

  @Column({ type: 'text' })
  delegateId!: string;

  /** From when it holds. */
  @Column({ type: 'timestamptz' })
  from!: Date;

  /** From when it holds no longer. */
  @Column({ type: 'timestamptz' })
  until!: Date;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  /** Only the lab sees it. */
  readonly organisationId = null;

  get subject(): Subject {
    return { kind: 'approval_delegation', id: this.id, organisationId: null };
  }

  revoke(actor: Actor, at: Date): void {
    if (actor.id !== this.delegatorId) throw new Refusal('forbidden', 'Only who delegated takes it back.');
    if (this.revokedAt) throw new Refusal('move_not_allowed', 'It was taken back already.');
    this.revokedAt = at;
  }
}

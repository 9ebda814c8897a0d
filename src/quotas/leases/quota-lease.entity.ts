import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Subject } from '../../audit/change.js';

export const leaseStates = ['open', 'quarantined', 'closed'] as const;
export type LeaseState = (typeof leaseStates)[number];

/**
 * A part of a window that is lent to one node, which admits from it without asking. The window counts all that was
 * granted as reserved; what decisions of the node reserved is `spent`, and goes on being reserved by them. So a window's
 * `leased` is always what unsettled decisions reserved, and what its leases that are not closed have left.
 */
@Entity()
@Check('ck_quota_lease_counts', 'spent >= 0 AND spent <= granted')
@Check('ck_quota_lease_state', "state IN ('open', 'quarantined', 'closed')")
@Check('ck_quota_lease_closed', "(state = 'closed') = (closed_at IS NOT NULL)")
@Index('uq_quota_lease_open', ['windowId', 'nodeId'], { unique: true, where: "state = 'open'" })
@Index('ix_quota_lease_outstanding', ['windowId'], { where: "state <> 'closed'" })
export class QuotaLease {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('QuotaWindow', { name: 'fk_quota_lease_window' })
  @Column({ type: 'uuid' })
  windowId!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_quota_lease_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('GatewayNode', { name: 'fk_quota_lease_node' })
  @Column({ type: 'uuid' })
  nodeId!: string;

  /** All that was granted under it and did not go back early, in units of the window's metric. */
  @Column({ type: 'bigint' })
  granted!: number;

  /** What decisions that are written down reserved of it. */
  @Column({ type: 'bigint', default: 0 })
  spent!: number;

  /** Open, until it is closed and what is left goes back; quarantined, when its node was not heard of in time. */
  @Column({ type: 'text', default: 'open' })
  state!: LeaseState;

  @Column({ type: 'timestamptz' })
  openedAt!: Date;

  /** Until when it is used unless it is renewed, by the clock of the database; its node stops sooner, by its own. */
  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  /** From when what is left counts as spent, for nobody knows whether it was. */
  @Column({ type: 'timestamptz', nullable: true })
  quarantinedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  closedAt!: Date | null;

  /** What is left of it that nobody has accounted for, in units of the window's metric. */
  get left(): number {
    return this.state === 'closed' ? 0 : this.granted - this.spent;
  }

  get subject(): Subject {
    return { kind: 'quota_lease', id: this.id, organisationId: this.organisationId };
  }
}

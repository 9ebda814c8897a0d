import { Column, Entity, ForeignKey, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Refusal } from '../kernel/refusal.js';
import { Subject } from '../audit/change.js';

/**
 * A researcher whom the partner vouches for under one agreement. Removal is a fact with a time: from then on the
 * researcher's keys are refused by decision, without being rewritten.
 */
@Entity()
@Index('uq_roster_entry_person', ['agreementId', 'userId'], { unique: true, where: 'removed_at IS NULL' })
export class RosterEntry {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_roster_entry_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_roster_entry_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @ForeignKey('UserAccount', { name: 'fk_roster_entry_user' })
  @Column({ type: 'uuid' })
  userId!: string;

  /** Who vouched. */
  @Column({ type: 'text' })
  vouchedBy!: string;

  @Column({ type: 'timestamptz' })
  addedAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  removedAt!: Date | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'roster_entry', id: this.id, organisationId: this.organisationId };
  }

  remove(at: Date): void {
    if (this.removedAt) throw new Refusal('move_not_allowed', 'The researcher was removed already.');
    this.removedAt = at;
  }
}

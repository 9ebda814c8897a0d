import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Refusal } from '../../kernel/refusal.js';

export const contactKinds = ['signatory', 'notice', 'security', 'billing'] as const;
export type ContactKind = (typeof contactKinds)[number];

/** Whom to reach at a partner for what. Removal is a fact with a time: who was to be notified then stays known. */
@Entity()
@Index('ix_partner_contact_organisation', ['organisationId', 'id'])
@Index('uq_partner_contact_in_force', ['organisationId', 'kind', 'email'], {
  unique: true,
  where: 'removed_at IS NULL',
})
export class PartnerContact {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_partner_contact_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @Column({ type: 'text' })
  kind!: ContactKind;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  email!: string;

  @Column({ type: 'text' })
  addedBy!: string;

  @Column({ type: 'timestamptz' })
  addedAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  removedAt!: Date | null;

  remove(at: Date): void {
    if (this.removedAt) throw new Refusal('move_not_allowed', 'The contact was removed already.');
    this.removedAt = at;
  }
}

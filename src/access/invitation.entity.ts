import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Role } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Subject } from '../audit/change.js';

/** A single-use invitation to open an account. Its token is shown once and kept as a hash. */
@Entity()
@Index('uq_invitation_token_hash', ['tokenHash'], { unique: true })
@Index('ix_invitation_organisation', ['organisationId', 'id'])
export class Invitation {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** Null when whoever holds the token names their own address: the very first administrator. */
  @Column({ type: 'text', nullable: true })
  email!: string | null;

  /** Null for the lab's own staff. */
  @ForeignKey('PartnerOrganisation', { name: 'fk_invitation_organisation' })
  @Column({ type: 'uuid', nullable: true })
  organisationId!: string | null;

  @Column({ type: 'text', array: true })
  roles!: Role[];

  /** SHA-256 of the token. */
  @Column({ type: 'bytea' })
  tokenHash!: Buffer;

  @Column({ type: 'text' })
  invitedBy!: string;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  /** When it was accepted or withdrawn; null while it is open. */
  @Column({ type: 'timestamptz', nullable: true })
  closedAt!: Date | null;

  get subject(): Subject {
    return { kind: 'invitation', id: this.id, organisationId: this.organisationId };
  }

  /** Uses the invitation up. */
  close(at: Date): void {
    if (this.closedAt || at >= this.expiresAt) throw new Refusal('expired', 'The invitation was used or has expired.');
    this.closedAt = at;
  }
}

import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor, Role } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Subject } from '../audit/change.js';

/** A person: lab staff, or a member of one partner organisation. */
@Entity()
@Index('uq_user_account_email', ['email'], { unique: true })
@Index('uq_user_account_identity', ['identity'], { unique: true })
@Index('ix_user_account_organisation', ['organisationId', 'id'])
@Check('ck_user_account_side', "(side = 'lab') = (organisation_id IS NULL)")
export class UserAccount {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** In lower case; one account an address. */
  @Column({ type: 'text' })
  email!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  side!: 'lab' | 'partner';

  /** Null for the lab's own staff. */
  @ForeignKey('PartnerOrganisation', { name: 'fk_user_account_organisation' })
  @Column({ type: 'uuid', nullable: true })
  organisationId!: string | null;

  @Column({ type: 'text', array: true })
  roles!: Role[];

  /** Argon2id; null for people who come through an identity provider only. */
  @Column({ type: 'text', nullable: true })
  passwordHash!: string | null;

  /** Issuer and subject at the lab's identity provider; null for people who log in with a password. */
  @Column({ type: 'text', nullable: true })
  identity!: string | null;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  /** Since when the account may not act at all; null while it may. */
  @Column({ type: 'timestamptz', nullable: true })
  suspendedAt!: Date | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'user', id: this.id, organisationId: this.organisationId };
  }

  /** This person as the actor of a request that they authenticated at the given time. */
  actor(authenticatedAt: Date | null): Actor {
    const { id, name, side, organisationId, roles } = this;
    return { kind: 'user', id, name, side, organisationId, roles, authenticatedAt };
  }

  suspend(at: Date, by: Actor): void {
    if (by.id === this.id) throw new Refusal('separation_of_duties', 'Nobody suspends their own account.');
    if (this.suspendedAt) throw new Refusal('move_not_allowed', 'The account is suspended already.');
    this.suspendedAt = at;
  }

  resume(): void {
    if (!this.suspendedAt) throw new Refusal('move_not_allowed', 'The account is not suspended.');
    this.suspendedAt = null;
  }
}

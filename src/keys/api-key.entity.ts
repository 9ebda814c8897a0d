import { Column, Entity, ForeignKey, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Subject } from '../audit/change.js';

/**
 * A key under one campaign. It is never deleted and carries no balance: quota belongs to the agreement. Whether it
 * works at a moment follows from everything it stands on and is decided then.
 */
@Entity()
@Index('uq_api_key_public_id', ['publicId'], { unique: true })
@Index('ix_api_key_agreement', ['agreementId', 'id'])
@Index('ix_api_key_organisation', ['organisationId', 'id'])
export class ApiKey {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** The twelve characters of the key that may be shown; usage events name the key by it. */
  @Column({ type: 'text' })
  publicId!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_api_key_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_api_key_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @ForeignKey('Campaign', { name: 'fk_api_key_campaign' })
  @Column({ type: 'uuid' })
  campaignId!: string;

  @ForeignKey('UserAccount', { name: 'fk_api_key_researcher' })
  @Column({ type: 'uuid' })
  researcherId!: string;

  @ForeignKey('KeyRequest', { name: 'fk_api_key_request' })
  @Column({ type: 'uuid' })
  requestId!: string;

  @Column({ type: 'text', array: true })
  models!: string[];

  @Column({ type: 'text', array: true })
  capabilities!: string[];

  @Column({ type: 'text', array: true })
  endpoints!: string[];

  /** CIDR blocks; null for wherever the terms allow. */
  @Column({ type: 'text', array: true, nullable: true })
  networks!: string[] | null;

  @Column({ type: 'timestamptz' })
  issuedAt!: Date;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  revokedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  revocationReason!: string | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'key', id: this.id, organisationId: this.organisationId };
  }

  /** Ends the key for good; doing it again changes nothing and keeps the first time and reason. */
  revoke(actor: Actor, at: Date, reason: string): void {
    const others = actor.side === 'partner' && !actor.roles.includes('partner_admin') && actor.id !== this.researcherId;
    if (others) throw new Refusal('forbidden', 'A researcher revokes their own keys; your admin revokes any.');
    if (this.revokedAt) return;
    this.revokedAt = at;
    this.revokedBy = actor.id;
    this.revocationReason = reason;
  }
}

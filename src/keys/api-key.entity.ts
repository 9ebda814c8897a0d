import { Column, Entity, ForeignKey, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Moves } from '../kernel/moves.js';
import { Refusal } from '../kernel/refusal.js';
import { Subject } from '../audit/change.js';
import { QuotaSlice } from '../campaigns/quota-slices.js';

/** Whether a key was ended. That it expired or is stopped follows from other facts. */
export type KeyState = 'active' | 'revoked';
export type KeyCommand = 'rotate' | 'suspend' | 'revoke';

/** What follows for a key from the time and from stops; never stored. */
export const keyStatuses = ['active', 'suspended', 'expired', 'revoked'] as const;
export type KeyStatus = (typeof keyStatuses)[number];

/**
 * A key under one campaign. It is never deleted and carries no balance: quota belongs to the agreement. Whether it
 * works at a moment follows from everything it stands on and is decided then.
 */
@Entity()
@Index('uq_api_key_public_id', ['publicId'], { unique: true })
@Index('ix_api_key_agreement', ['agreementId', 'id'])
@Index('ix_api_key_organisation', ['organisationId', 'id'])
export class ApiKey {
  static readonly moves = new Moves<KeyState, KeyCommand>('key', 'active', {
    active: {
      rotate: { to: 'active', event: 'key.rotated' },
      suspend: { to: 'active', event: 'key.suspended' },
      revoke: { to: 'revoked', event: 'key.revoked' },
    },
    // Whoever revokes twice is told that it is revoked; the first time and reason stay.
    revoked: { revoke: { to: 'revoked', event: 'key.revoked' } },
  });

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

  /** The parts of the agreement's quotas that the key keeps to. */
  @Column({ type: 'jsonb', default: [] })
  quotas!: QuotaSlice[];

  @Column({ type: 'timestamptz' })
  issuedAt!: Date;

  /** When it last got a new secret; null while it has its first. */
  @Column({ type: 'timestamptz', nullable: true })
  rotatedAt!: Date | null;

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

  get state(): KeyState {
    return this.revokedAt ? 'revoked' : 'active';
  }

  /** The commands that this actor could give now. */
  allowedTo(actor: Actor): KeyCommand[] {
    const own = actor.id === this.researcherId;
    const mayEnd = this.mayBeEndedBy(actor);
    return ApiKey.moves.allowedTo(actor, this.state).filter((command) => (command === 'rotate' ? own : mayEnd));
  }

  /** Lets its researcher replace the secret of a key that still lives, and tells the event. */
  rotate(actor: Actor, at: Date): string {
    if (actor.id !== this.researcherId) throw new Refusal('forbidden', 'Only its researcher rotates a key.');
    const { event } = ApiKey.moves.from(this.state, 'rotate');
    if (this.expiresAt <= at) throw new Refusal('expired', 'The key has expired; ask for a new one.');
    this.rotatedAt = at;
    return event;
  }

  /** Whether it may be stopped by this actor; the event that tells it. What was revoked needs no stop. */
  stop(actor: Actor): string {
    this.assertOwnOrAdmin(actor);
    return ApiKey.moves.from(this.state, 'suspend').event;
  }

  /** Ends the key for good; doing it again changes nothing and keeps the first time and reason. */
  revoke(actor: Actor, at: Date, reason: string): string {
    this.assertOwnOrAdmin(actor);
    const { event } = ApiKey.moves.from(this.state, 'revoke');
    if (this.revokedAt) return event;
    this.revokedAt = at;
    this.revokedBy = actor.id;
    this.revocationReason = reason;
    return event;
  }

  private mayBeEndedBy({ id, side, roles }: Actor): boolean {
    return side !== 'partner' || roles.includes('partner_admin') || id === this.researcherId;
  }

  private assertOwnOrAdmin(actor: Actor): void {
    if (this.mayBeEndedBy(actor)) return;
    throw new Refusal('forbidden', 'A researcher stops and revokes their own keys; your admin any.');
  }
}

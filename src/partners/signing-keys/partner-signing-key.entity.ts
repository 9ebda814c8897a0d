import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Moves } from '../../kernel/moves.js';
import { Refusal } from '../../kernel/refusal.js';
import { Change, Subject } from '../../audit/change.js';
import { challengeEnd } from './challenge.js';

export const signingKeyStates = ['registered', 'proved', 'active', 'replaced', 'revoked'] as const;
export type SigningKeyState = (typeof signingKeyStates)[number];
export type SigningKeyCommand = 'prove' | 'approve' | 'activate' | 'replace' | 'revoke';

/**
 * An Ed25519 key with which a partner signs. It counts once its holder proved to have the private half and two people
 * of the lab, neither of whom registered it, have approved it. What it signed while it was active stays signed.
 */
@Entity()
@Index('ix_partner_signing_key_organisation', ['organisationId', 'id'])
// Of those that were proved: who registers a key that is not theirs must not keep its holder from registering it.
@Index('uq_partner_signing_key_key_id', ['organisationId', 'keyId'], { unique: true, where: 'proved_at IS NOT NULL' })
@Check('ck_partner_signing_key_proof', 'first_approved_by IS NULL OR proved_at IS NOT NULL')
@Check('ck_partner_signing_key_active', '(second_approved_by IS NULL) = (active_at IS NULL)')
@Check('ck_partner_signing_key_end', "(state IN ('replaced', 'revoked')) = (ended_at IS NOT NULL)")
@Check('separation_signing_key_first', 'first_approved_by IS NULL OR first_approved_by <> registered_by')
@Check(
  'separation_signing_key_second',
  'second_approved_by IS NULL OR (first_approved_by IS NOT NULL AND second_approved_by <> first_approved_by AND second_approved_by <> registered_by)',
)
@Check('separation_signing_key_active', "state NOT IN ('active', 'replaced') OR second_approved_by IS NOT NULL")
export class PartnerSigningKey {
  static readonly moves = new Moves<SigningKeyState, SigningKeyCommand>('signing_key', 'registered', {
    registered: {
      prove: { to: 'proved', event: 'signing_key.proved' },
      revoke: { to: 'revoked', event: 'signing_key.revoked' },
    },
    proved: {
      approve: { to: 'proved', event: 'signing_key.approved' },
      // Parley makes this move itself at the second approval.
      activate: { to: 'active', event: 'signing_key.activated' },
      revoke: { to: 'revoked', event: 'signing_key.revoked' },
    },
    active: {
      // Parley makes this move itself when a successor becomes active.
      replace: { to: 'replaced', event: 'signing_key.replaced' },
      revoke: { to: 'revoked', event: 'signing_key.revoked' },
    },
    replaced: {},
    revoked: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_partner_signing_key_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  /** What the partner calls it. */
  @Column({ type: 'text' })
  label!: string;

  /** The raw 32 bytes, base64url. */
  @Column({ type: 'text' })
  publicKey!: string;

  /** First 16 hex digits of SHA-256 over the raw public key. */
  @Column({ type: 'text' })
  keyId!: string;

  @Column({ type: 'text' })
  state!: SigningKeyState;

  @Column({ type: 'text' })
  registeredBy!: string;

  @Column({ type: 'timestamptz' })
  registeredAt!: Date;

  /** The text whose UTF-8 bytes the holder signs. It is no secret: only the private key answers it. */
  @Column({ type: 'text' })
  challenge!: string;

  @Column({ type: 'timestamptz', nullable: true })
  provedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  firstApprovedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  secondApprovedBy!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  activeAt!: Date | null;

  /** The active key that this one succeeds; null for one that succeeds none. */
  @ForeignKey('PartnerSigningKey', { name: 'fk_partner_signing_key_replaces' })
  @Column({ type: 'uuid', nullable: true })
  replacesId!: string | null;

  /** When it was replaced or revoked. */
  @Column({ type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  endReason!: string | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'signing_key', id: this.id, organisationId: this.organisationId };
  }

  /** Until when the challenge may be answered. */
  get challengeValidUntil(): Date {
    return challengeEnd(this.registeredAt);
  }

  /** Makes a move of the table and tells its event. */
  move(command: SigningKeyCommand): string {
    const { to, event } = PartnerSigningKey.moves.from(this.state, command);
    this.state = to;
    return event;
  }

  /** Takes a proof of possession that was verified; too late once the challenge has ended. */
  prove(at: Date): string {
    const event = this.move('prove');
    if (at >= this.challengeValidUntil) throw new Refusal('expired', 'The challenge has ended; register the key anew.');
    this.provedAt = at;
    return event;
  }

  /** One of the two approvals. Whether it was the second shows in `isApproved`. */
  approve(actor: Actor): string {
    const event = this.move('approve');
    if (actor.id === this.registeredBy) throw new Refusal('separation_of_duties', 'You registered this key.');
    if (actor.id === this.firstApprovedBy) {
      throw new Refusal('separation_of_duties', 'You approved this key; the second approval takes another person.');
    }
    if (this.firstApprovedBy === null) this.firstApprovedBy = actor.id;
    else this.secondApprovedBy = actor.id;
    return event;
  }

  get isApproved(): boolean {
    return this.secondApprovedBy !== null;
  }

  activate(at: Date): string {
    const event = this.move('activate');
    this.activeAt = at;
    return event;
  }

  /** Gives way to a successor that became active. */
  replaceBy({ keyId }: PartnerSigningKey, at: Date): string {
    const event = this.move('replace');
    this.endedAt = at;
    this.endReason = `Replaced by the key ${keyId}.`;
    return event;
  }

  revoke({ at }: Change, reason: string): string {
    const event = this.move('revoke');
    this.endedAt = at;
    this.endReason = reason;
    return event;
  }
}

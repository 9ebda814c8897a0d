import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Moves } from '../../kernel/moves.js';
import { Refusal } from '../../kernel/refusal.js';
import { Subject } from '../../audit/change.js';
import type { NegotiatingSide } from '../negotiation/negotiated-text.js';

export const terminationKinds = ['for_cause', 'for_convenience', 'mutual'] as const;
export type TerminationKind = (typeof terminationKinds)[number];

export const terminationStates = ['proposed', 'confirmed', 'withdrawn'] as const;
export type TerminationState = (typeof terminationStates)[number];
export type TerminationCommand = 'confirm' | 'withdraw';

/**
 * The end of an executed agreement before its term, of one legal kind. One person proposes it and another confirms it,
 * who may bind their party: of the same party, or of the other where both agree.
 */
@Entity()
@Index('ix_termination_agreement', ['agreementId', 'id'])
@Index('uq_termination_confirmed', ['agreementId'], { unique: true, where: "state = 'confirmed'" })
@Check('separation_termination', 'confirmed_by IS NULL OR confirmed_by <> proposed_by')
@Check('ck_termination_confirmed', "(state = 'confirmed') = (confirmed_by IS NOT NULL)")
@Check('ck_termination_notice', "(kind = 'mutual') = (notice_id IS NULL)")
export class Termination {
  static readonly moves = new Moves<TerminationState, TerminationCommand>('termination', 'proposed', {
    proposed: {
      confirm: { to: 'confirmed', event: 'termination.confirmed' },
      withdraw: { to: 'withdrawn', event: 'termination.withdrawn' },
    },
    confirmed: {},
    withdrawn: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_termination_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_termination_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @Column({ type: 'text' })
  kind!: TerminationKind;

  @Column({ type: 'text' })
  state!: TerminationState;

  /** The notice that had to go before: of the breach, or of the termination; null where both agree. */
  @ForeignKey('Notice', { name: 'fk_termination_notice' })
  @Column({ type: 'uuid', nullable: true })
  noticeId!: string | null;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'text' })
  proposedBy!: string;

  @Column({ type: 'text' })
  proposedSide!: NegotiatingSide;

  @Column({ type: 'timestamptz' })
  proposedAt!: Date;

  @Column({ type: 'text', nullable: true })
  confirmedBy!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  confirmedAt!: Date | null;

  /** Counts commands. */
  @Column({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'termination', id: this.id, organisationId: this.organisationId };
  }

  /** Confirms it as the second person, of the party that the kind asks for. */
  confirm(actor: Actor, at: Date): string {
    const event = this.move('confirm');
    if (actor.id === this.proposedBy) throw new Refusal('separation_of_duties', 'You proposed this termination.');
    if (!this.awaits(actor)) {
      const whose = this.kind === 'mutual' ? 'the other party confirms' : 'the party that proposed it confirms';
      throw new Refusal('forbidden', `Of a termination that is ${this.kind}, ${whose}.`);
    }
    this.confirmedBy = actor.id;
    this.confirmedAt = at;
    return event;
  }

  withdraw(actor: Actor): string {
    const event = this.move('withdraw');
    if (actor.side !== this.proposedSide) throw new Refusal('forbidden', 'The party that proposed it withdraws it.');
    return event;
  }

  /** The commands that an actor could give now. */
  allowedTo(actor: Actor): TerminationCommand[] {
    return Termination.moves
      .allowedTo(actor, this.state)
      .filter((command) =>
        command === 'confirm' ? this.awaits(actor) && actor.id !== this.proposedBy : actor.side === this.proposedSide,
      );
  }

  private awaits({ side }: Actor): boolean {
    return (side === this.proposedSide) === (this.kind !== 'mutual');
  }

  private move(command: TerminationCommand): string {
    const { to, event } = Termination.moves.from(this.state, command);
    this.state = to;
    this.version += 1;
    return event;
  }
}

import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Subject } from '../../audit/change.js';
import { Actor } from '../../kernel/actor.js';
import { Moves } from '../../kernel/moves.js';
import { may } from '../../kernel/permissions.js';
import { Refusal } from '../../kernel/refusal.js';
import type { ObligationKind } from './schedule.js';

export const obligationStates = ['open', 'submitted', 'accepted', 'waived'] as const;
export type ObligationState = (typeof obligationStates)[number];
export type ObligationCommand = 'assign' | 'submit' | 'accept' | 'return' | 'propose_waiver' | 'confirm_waiver';

/** What follows for an obligation from the time that has passed; never stored. */
export const obligationStatuses = [...obligationStates, 'overdue'] as const;
export type ObligationStatus = (typeof obligationStatuses)[number];

/** Kinds by which somebody declares something: they take the express statement that it is true. */
const attestations: readonly ObligationKind[] = ['usage_attestation', 'deletion_certificate'];

const proposeWaiver = (to: ObligationState) => ({ to, event: 'obligation.waiver_proposed' }) as const;
const confirmWaiver = { to: 'waived', event: 'obligation.waived' } as const;

/**
 * Something that the partner owes under the terms: a report, an attestation, a disclosure, a certificate. It is made from
 * the terms when its time begins, once, and is done when the lab accepts what was submitted or two of its people waive it.
 */
@Entity()
@Index('ix_obligation_agreement', ['agreementId', 'id'])
@Index('ix_obligation_due', ['dueAt'], { where: "state = 'open'" })
@Index('uq_obligation_period', ['agreementId', 'termId', 'periodStart'], {
  unique: true,
  where: 'period_start IS NOT NULL',
})
@Index('uq_obligation_campaign', ['agreementId', 'termId', 'campaignId'], {
  unique: true,
  where: 'campaign_id IS NOT NULL',
})
@Index('uq_obligation_end', ['agreementId', 'kind', 'termId'], {
  unique: true,
  where: 'period_start IS NULL AND campaign_id IS NULL AND discovered_at IS NULL',
})
@Check(
  'separation_obligation_waiver',
  'waived_by IS NULL OR (waiver_proposed_by IS NOT NULL AND waived_by <> waiver_proposed_by)',
)
@Check('ck_obligation_waived', "(state = 'waived') = (waived_by IS NOT NULL)")
@Check('ck_obligation_period', '(period_start IS NULL) = (period_end IS NULL) AND period_start < period_end')
export class Obligation {
  static readonly moves = new Moves<ObligationState, ObligationCommand>('obligation', 'open', {
    open: {
      assign: { to: 'open', event: 'obligation.assigned' },
      submit: { to: 'submitted', event: 'obligation.submitted' },
      propose_waiver: proposeWaiver('open'),
      confirm_waiver: confirmWaiver,
    },
    submitted: {
      accept: { to: 'accepted', event: 'obligation.accepted' },
      return: { to: 'open', event: 'obligation.returned' },
      propose_waiver: proposeWaiver('submitted'),
      confirm_waiver: confirmWaiver,
    },
    accepted: {},
    waived: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_obligation_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_obligation_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  /** The version by which it is owed: the one in force when it began. */
  @Column({ type: 'integer' })
  versionNumber!: number;

  @Column({ type: 'text' })
  kind!: ObligationKind;

  /** The id that the terms give it. */
  @Column({ type: 'text' })
  termId!: string;

  @Column({ type: 'text' })
  clauseRef!: string;

  /** The completed campaign that it is about; null for any other. */
  @ForeignKey('Campaign', { name: 'fk_obligation_campaign' })
  @Column({ type: 'uuid', nullable: true })
  campaignId!: string | null;

  /** When the partner discovered what it is to disclose; null for any other. */
  @Column({ type: 'timestamptz', nullable: true })
  discoveredAt!: Date | null;

  /** The half-open stretch of time that it is about; null where it is about none. */
  @Column({ type: 'timestamptz', nullable: true })
  periodStart!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  periodEnd!: Date | null;

  /** When it was made: as its period began or its event came, or later where nothing swept then. */
  @Column({ type: 'timestamptz' })
  madeAt!: Date;

  /** The end of the time for it, not included. */
  @Column({ type: 'timestamptz' })
  dueAt!: Date;

  /** The member of the partner who sees to it; null while nobody does in particular. */
  @ForeignKey('UserAccount', { name: 'fk_obligation_owner' })
  @Column({ type: 'uuid', nullable: true })
  ownerId!: string | null;

  @Column({ type: 'text' })
  state!: ObligationState;

  /** Why the lab returned it last; null where it never did. */
  @Column({ type: 'text', nullable: true })
  returnReason!: string | null;

  /** Who accepted or returned what was submitted last, and when. */
  @Column({ type: 'text', nullable: true })
  decidedBy!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  decidedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  waiverProposedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  waiverReason!: string | null;

  @Column({ type: 'text', nullable: true })
  waivedBy!: string | null;

  /** Counts commands. */
  @Column({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'obligation', id: this.id, organisationId: this.organisationId };
  }

  /** Whether what is submitted must be stated to be true. */
  get isAttestation(): boolean {
    return attestations.includes(this.kind);
  }

  statusAt(at: Date): ObligationStatus {
    return this.state === 'open' && this.dueAt <= at ? 'overdue' : this.state;
  }

  assign(ownerId: string): string {
    this.ownerId = ownerId;
    return this.move('assign');
  }

  /** Submits it; a researcher submits what is theirs to see to. */
  submit(actor: Actor): string {
    const event = this.move('submit');
    if (!this.maySubmit(actor)) throw new Refusal('forbidden', 'A researcher submits the obligations that they own.');
    return event;
  }

  /** Accepts what was submitted, or returns it with a reason. */
  decide(command: 'accept' | 'return', { id }: Actor, at: Date, reason: string | null): string {
    const event = this.move(command);
    this.decidedBy = id;
    this.decidedAt = at;
    if (reason !== null) this.returnReason = reason;
    return event;
  }

  /** The first of the two people who waive it. */
  proposeWaiver({ id }: Actor, reason: string): string {
    const event = this.move('propose_waiver');
    if (this.waiverProposedBy !== null) throw new Refusal('move_not_allowed', 'A waiver was proposed already.');
    this.waiverProposedBy = id;
    this.waiverReason = reason;
    return event;
  }

  /** The second. */
  confirmWaiver({ id }: Actor): string {
    const event = this.move('confirm_waiver');
    if (this.waiverProposedBy === null) throw new Refusal('move_not_allowed', 'Another person must propose it first.');
    if (this.waiverProposedBy === id) {
      throw new Refusal('separation_of_duties', 'Two people waive an obligation; you proposed it.');
    }
    this.waivedBy = id;
    return event;
  }

  /** The commands that an actor could give now. */
  allowedTo(actor: Actor): ObligationCommand[] {
    return Obligation.moves.allowedTo(actor, this.state).filter((command) => this.isOpenTo(actor, command));
  }

  private isOpenTo(actor: Actor, command: ObligationCommand): boolean {
    if (command === 'submit') return this.maySubmit(actor);
    if (command === 'propose_waiver') return this.waiverProposedBy === null;
    if (command === 'confirm_waiver') return this.waiverProposedBy !== null && this.waiverProposedBy !== actor.id;
    return true;
  }

  private maySubmit(actor: Actor): boolean {
    const otherRoles = actor.roles.filter((role) => role !== 'researcher');
    return actor.id === this.ownerId || may({ ...actor, roles: otherRoles }, 'obligation.submit');
  }

  private move(command: ObligationCommand): string {
    const { to, event } = Obligation.moves.from(this.state, command);
    this.state = to;
    this.version += 1;
    return event;
  }
}

import { Check, Column, Entity, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Moves } from '../kernel/moves.js';
import { Refusal } from '../kernel/refusal.js';
import { Subject } from '../audit/change.js';

export type PartnerState = 'prospect' | 'under_review' | 'active';
export type PartnerCommand = 'revise' | 'submit' | 'return' | 'approve';

export const contactKinds = ['signatory', 'notice', 'security', 'billing'] as const;

/** Whom to reach for what. */
export interface Contact {
  kind: (typeof contactKinds)[number];
  name: string;
  email: string;
}

/** What was checked before a partner was approved, by whom and when. */
export interface DueDiligence {
  sanctions: { outcome: 'clear' | 'accepted_risk'; source: string };
  conflict: { outcome: 'clear' | 'accepted_risk'; source: string };
  checkedBy: string;
  checkedAt: string;
}

/** A lab that evaluates our models: the other party of agreements. */
@Entity()
@Index('uq_partner_organisation_legal_name', ['legalName'], { unique: true })
@Check('ck_partner_organisation_own', 'organisation_id = id')
@Check(
  'separation_partner_approval',
  'approved_by IS NULL OR (submitted_by IS NOT NULL AND approved_by <> submitted_by)',
)
export class PartnerOrganisation {
  static readonly moves = new Moves<PartnerState, PartnerCommand>('partner', 'prospect', {
    prospect: {
      revise: { to: 'prospect', event: 'partner.revised' },
      submit: { to: 'under_review', event: 'partner.submitted' },
    },
    under_review: {
      return: { to: 'prospect', event: 'partner.returned' },
      approve: { to: 'active', event: 'partner.approved' },
    },
    active: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** An organisation owns itself, so that its members are held to it by the same rule as to everything else. */
  @Column({ type: 'uuid' })
  organisationId!: string;

  @Column({ type: 'text' })
  legalName!: string;

  /** ISO 3166-1 alpha-2. */
  @Column({ type: 'text' })
  country!: string;

  /** Members' addresses must be of one of these. */
  @Column({ type: 'text', array: true })
  emailDomains!: string[];

  /** Whether it builds competing models, which is why Parley exists. */
  @Column({ type: 'boolean' })
  competitor!: boolean;

  @Column({ type: 'jsonb' })
  contacts!: Contact[];

  @Column({ type: 'text' })
  state!: PartnerState;

  @Column({ type: 'jsonb', nullable: true })
  dueDiligence!: DueDiligence | null;

  @Column({ type: 'text', nullable: true })
  submittedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  approvedBy!: string | null;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  @VersionColumn({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'partner', id: this.id, organisationId: this.id };
  }

  /** Makes a move of the table and tells its event. */
  move(command: PartnerCommand): string {
    const { to, event } = PartnerOrganisation.moves.from(this.state, command);
    this.state = to;
    return event;
  }

  submit(actor: Actor): string {
    const event = this.move('submit');
    const missing = (['signatory', 'notice'] as const).find((kind) => !this.contacts.some((c) => c.kind === kind));
    if (missing) {
      throw new Refusal('invalid_request', `A ${missing} contact is missing.`, {
        pointer: '/contacts',
        expected: 'at least one signatory and one notice contact',
      });
    }
    this.submittedBy = actor.id;
    return event;
  }

  approve(actor: Actor, check: DueDiligence): string {
    const event = this.move('approve');
    if (actor.id === this.submittedBy) throw new Refusal('separation_of_duties', 'You submitted this partner.');
    this.approvedBy = actor.id;
    this.dueDiligence = check;
    return event;
  }

  /** Refuses what only an active partner may do. */
  assertActive(): void {
    if (this.state !== 'active') throw new Refusal('move_not_allowed', 'The partner organisation is not active yet.');
  }
}

import { Check, Column, Entity, Index, PrimaryColumn, VersionColumn } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Moves } from '../kernel/moves.js';
import { Refusal } from '../kernel/refusal.js';
import { Change, Subject } from '../audit/change.js';
import type { ContactKind } from './contacts/partner-contact.entity.js';
import type { NewestCheck } from './due-diligence/partner-check.entity.js';
import type { Tie } from './ties.js';

export const partnerStates = ['prospect', 'under_review', 'active', 'offboarded', 'declined'] as const;
export type PartnerState = (typeof partnerStates)[number];
export type PartnerCommand =
  | 'revise'
  | 'submit'
  | 'return'
  | 'approve'
  | 'decline'
  | 'offboard'
  | 'record_check'
  | 'add_contact'
  | 'remove_contact'
  | 'set_networks';

/** The contacts that a partner must have from its submission on. */
export const requiredContacts = ['signatory', 'notice'] as const satisfies readonly ContactKind[];

/** A lab that evaluates our models: the other party of agreements. Declined and offboarded ones take no command. */
@Entity()
@Index('uq_partner_organisation_legal_name', ['legalName'], { unique: true })
@Check('ck_partner_organisation_own', 'organisation_id = id')
@Check('ck_partner_organisation_end', '(ended_at IS NULL) = (end_reason IS NULL)')
@Check(
  'separation_partner_approval',
  'approved_by IS NULL OR (submitted_by IS NOT NULL AND approved_by <> submitted_by)',
)
export class PartnerOrganisation {
  static readonly moves = new Moves<PartnerState, PartnerCommand>('partner', 'prospect', {
    prospect: {
      revise: { to: 'prospect', event: 'partner.revised' },
      submit: { to: 'under_review', event: 'partner.submitted' },
      record_check: { to: 'prospect', event: 'partner.check_recorded' },
      add_contact: { to: 'prospect', event: 'partner.contact_added' },
      remove_contact: { to: 'prospect', event: 'partner.contact_removed' },
      set_networks: { to: 'prospect', event: 'partner.networks_set' },
    },
    under_review: {
      return: { to: 'prospect', event: 'partner.returned' },
      approve: { to: 'active', event: 'partner.approved' },
      decline: { to: 'declined', event: 'partner.declined' },
      record_check: { to: 'under_review', event: 'partner.check_recorded' },
      add_contact: { to: 'under_review', event: 'partner.contact_added' },
      remove_contact: { to: 'under_review', event: 'partner.contact_removed' },
      set_networks: { to: 'under_review', event: 'partner.networks_set' },
    },
    active: {
      offboard: { to: 'offboarded', event: 'partner.offboarded' },
      record_check: { to: 'active', event: 'partner.check_recorded' },
      add_contact: { to: 'active', event: 'partner.contact_added' },
      remove_contact: { to: 'active', event: 'partner.contact_removed' },
      set_networks: { to: 'active', event: 'partner.networks_set' },
    },
    offboarded: {},
    declined: {},
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

  /** CIDR blocks from which it says that it works: a statement of the partner, held against what is seen. */
  @Column({ type: 'text', array: true })
  networks!: string[];

  @Column({ type: 'text' })
  state!: PartnerState;

  @Column({ type: 'text', nullable: true })
  submittedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  approvedBy!: string | null;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  /** When it was declined or offboarded. */
  @Column({ type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  /** Why. */
  @Column({ type: 'text', nullable: true })
  endReason!: string | null;

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

  /** Submits with the contacts that it has. */
  submit(actor: Actor, contacts: readonly { kind: ContactKind }[]): string {
    const event = this.move('submit');
    const missing = requiredContacts.find((kind) => !contacts.some((contact) => contact.kind === kind));
    if (missing) {
      throw new Refusal('invalid_request', `A ${missing} contact is missing.`, {
        pointer: '/contacts',
        expected: 'at least one signatory and one notice contact',
      });
    }
    this.submittedBy = actor.id;
    return event;
  }

  /** Approves with the newest check of each kind from before; one that says blocked must be superseded first. */
  approve(actor: Actor, newest: readonly NewestCheck[]): string {
    const event = this.move('approve');
    if (actor.id === this.submittedBy) throw new Refusal('separation_of_duties', 'You submitted this partner.');
    const blocked = newest.find(({ outcome }) => outcome === 'blocked');
    if (blocked) {
      throw new Refusal('move_not_allowed', `The newest ${blocked.kind} check says blocked.`, {
        expected: 'a newer check of this kind that does not',
      });
    }
    this.approvedBy = actor.id;
    return event;
  }

  /** Declines a partner under review, for good. */
  decline({ at }: Change, reason: string): string {
    const event = this.move('decline');
    this.end(at, reason);
    return event;
  }

  /** Offboards an active partner, for good; refused as long as anything binds it. */
  offboard({ at }: Change, reason: string, ties: readonly Tie[]): string {
    const event = this.move('offboard');
    if (ties.length > 0) {
      const errors = ties.map(({ kind, id, detail }) => ({
        pointer: '',
        code: `tie.${kind}`,
        detail: `${kind} ${id}: ${detail}`,
      }));
      throw new Refusal('still_bound', undefined, { errors });
    }
    this.end(at, reason);
    return event;
  }

  /** Refuses what only an active partner may do. */
  assertActive(): void {
    if (this.state !== 'active') throw new Refusal('move_not_allowed', 'The partner organisation is not active.');
  }

  private end(at: Date, reason: string): void {
    this.endedAt = at;
    this.endReason = reason;
  }
}

import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { Moves } from '../kernel/moves.js';
import { DocumentPlace, NegotiatedText } from './negotiation/negotiated-text.js';

export const agreementStates = [
  'draft',
  'in_negotiation',
  'in_approval',
  'out_for_signature',
  'executed',
  'terminated',
  'superseded',
  'withdrawn',
  'declined',
  'lapsed',
] as const;
export type AgreementState = (typeof agreementStates)[number];

export type AgreementCommand =
  | 'revise'
  | 'propose'
  | 'counter_propose'
  | 'accept'
  | 'decline'
  | 'withdraw'
  | 'approve'
  | 'release'
  | 'return'
  | 'sign'
  | 'countersign'
  | 'reopen'
  | 'lapse'
  | 'terminate'
  | 'supersede';

const withdraw = { to: 'withdrawn', event: 'agreement.withdrawn' } as const;
const decline = { to: 'declined', event: 'agreement.declined' } as const;

/**
 * An evaluation agreement between the lab and one partner organisation, from its first draft on. What follows from
 * facts (pending, in force, suspended, expired) is not a state: see `status.ts`.
 */
@Entity()
@Index('ix_agreement_organisation', ['organisationId', 'id'])
@Index('uq_agreement_successor', ['supersedesId'], {
  unique: true,
  where: "supersedes_id IS NOT NULL AND state NOT IN ('withdrawn', 'declined', 'lapsed')",
})
@Check('ck_agreement_end', "(state IN ('terminated', 'superseded')) = (ended_at IS NOT NULL)")
export class Agreement extends NegotiatedText {
  static readonly moves = new Moves<AgreementState, AgreementCommand>('agreement', 'draft', {
    draft: {
      revise: { to: 'draft', event: 'agreement.revised' },
      propose: { to: 'in_negotiation', event: 'agreement.proposed' },
      withdraw,
    },
    in_negotiation: {
      counter_propose: { to: 'in_negotiation', event: 'agreement.counter_proposed' },
      accept: { to: 'in_approval', event: 'agreement.terms_accepted' },
      decline,
      withdraw,
    },
    in_approval: {
      approve: { to: 'in_approval', event: 'agreement.approval_recorded' },
      // Parley makes this move itself when the last approval of the tier is given.
      release: { to: 'out_for_signature', event: 'agreement.released_for_signature' },
      return: { to: 'in_negotiation', event: 'agreement.changes_requested' },
      decline,
      withdraw,
    },
    out_for_signature: {
      sign: { to: 'out_for_signature', event: 'agreement.signed_by_party' },
      countersign: { to: 'executed', event: 'agreement.executed' },
      reopen: { to: 'in_negotiation', event: 'agreement.signatures_voided' },
      decline,
      withdraw,
      lapse: { to: 'lapsed', event: 'agreement.lapsed' },
    },
    executed: {
      // Made when a termination is confirmed, and when a successor is executed.
      terminate: { to: 'terminated', event: 'agreement.terminated' },
      supersede: { to: 'superseded', event: 'agreement.superseded' },
    },
    terminated: {},
    superseded: {},
    withdrawn: {},
    declined: {},
    lapsed: {},
  });

  @ForeignKey('PartnerOrganisation', { name: 'fk_agreement_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text' })
  state!: AgreementState;

  /** The agreement that this one takes the place of when it is executed. An agreement has one such successor. */
  @ForeignKey('Agreement', { name: 'fk_agreement_supersedes' })
  @Column({ type: 'uuid', nullable: true })
  supersedesId!: string | null;

  /** From when it holds no longer because it was terminated or superseded; a successor may set it ahead of time. */
  @Column({ type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  get moves(): Moves<string, string> {
    return Agreement.moves;
  }

  get ofAgreement(): string {
    return this.id;
  }

  get place(): DocumentPlace {
    return { number: 1, previousDigest: null, effectiveFrom: null };
  }
}

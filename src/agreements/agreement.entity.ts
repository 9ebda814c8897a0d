import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Moves } from '../kernel/moves.js';
import { Subject } from '../audit/change.js';

export type AgreementState =
  'draft' | 'in_negotiation' | 'in_approval' | 'out_for_signature' | 'executed' | 'withdrawn' | 'declined';

export type AgreementCommand =
  'revise' | 'propose' | 'accept' | 'decline' | 'withdraw' | 'approve' | 'release' | 'return' | 'sign' | 'countersign';

/** An evaluation agreement between the lab and one partner organisation, from its first draft on. */
@Entity()
@Index('ix_agreement_organisation', ['organisationId', 'id'])
export class Agreement {
  static readonly moves = new Moves<AgreementState, AgreementCommand>('agreement', 'draft', {
    draft: {
      revise: { to: 'draft', event: 'agreement.revised' },
      propose: { to: 'in_negotiation', event: 'agreement.proposed' },
      withdraw: { to: 'withdrawn', event: 'agreement.withdrawn' },
    },
    in_negotiation: {
      revise: { to: 'in_negotiation', event: 'agreement.revised' },
      accept: { to: 'in_approval', event: 'agreement.accepted' },
      decline: { to: 'declined', event: 'agreement.declined' },
      withdraw: { to: 'withdrawn', event: 'agreement.withdrawn' },
    },
    in_approval: {
      approve: { to: 'in_approval', event: 'agreement.approved' },
      // Parley makes this move itself when the last approval of the tier is given.
      release: { to: 'out_for_signature', event: 'agreement.released_for_signature' },
      return: { to: 'in_negotiation', event: 'agreement.returned' },
      withdraw: { to: 'withdrawn', event: 'agreement.withdrawn' },
    },
    out_for_signature: {
      sign: { to: 'out_for_signature', event: 'agreement.signed_by_party' },
      countersign: { to: 'executed', event: 'agreement.executed' },
      decline: { to: 'declined', event: 'agreement.declined' },
      withdraw: { to: 'withdrawn', event: 'agreement.withdrawn' },
    },
    executed: {},
    withdrawn: {},
    declined: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_agreement_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text' })
  state!: AgreementState;

  /** The number of the newest revision: the only text that can be accepted, approved or signed. */
  @Column({ type: 'integer' })
  headNumber!: number;

  /** The digest of that revision. */
  @Column({ type: 'text' })
  headDigest!: string;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  /** The first revision that the partner was shown; null for what is the lab's own affair still. */
  @Column({ type: 'integer', nullable: true })
  proposedNumber!: number | null;

  /** Counts commands, those too that change no other column: whoever signs or approves must see what came before. */
  @Column({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return {
      kind: 'agreement',
      id: this.id,
      organisationId: this.proposedNumber === null ? null : this.organisationId,
    };
  }

  /** A text that was never proposed does not exist for the partner, nor does its trace in the log. */
  isHiddenFrom(actor: Actor): boolean {
    return actor.side === 'partner' && this.proposedNumber === null;
  }

  /** Shows the text at hand, and what follows it, to the partner; earlier drafts stay the lab's own. */
  propose(): void {
    this.proposedNumber ??= this.headNumber;
  }

  /** Makes a move of the table and tells its event. */
  move(command: AgreementCommand): string {
    const { to, event } = Agreement.moves.from(this.state, command);
    this.state = to;
    this.version += 1;
    return event;
  }
}

import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Moves } from '../../kernel/moves.js';
import { Refusal } from '../../kernel/refusal.js';
import { AmendmentKind } from '../../terms/amending/amendment.js';
import { DocumentPlace, NegotiatedText } from '../negotiation/negotiated-text.js';

export const amendmentStates = [
  'draft',
  'in_negotiation',
  'in_approval',
  'out_for_signature',
  'executed',
  'withdrawn',
  'declined',
  'lapsed',
  'stale',
] as const;
export type AmendmentState = (typeof amendmentStates)[number];

export type AmendmentCommand =
  | 'revise'
  | 'propose'
  | 'submit'
  | 'counter_propose'
  | 'accept'
  | 'decline'
  | 'withdraw'
  | 'approve'
  | 'release'
  | 'return'
  | 'sign'
  | 'countersign'
  | 'acknowledge'
  | 'reopen'
  | 'lapse'
  | 'outdate';

const withdraw = { to: 'withdrawn', event: 'amendment.withdrawn' } as const;
const decline = { to: 'declined', event: 'amendment.declined' } as const;
// Parley makes this move itself when another amendment of the same version is executed.
const outdate = { to: 'stale', event: 'amendment.became_stale' } as const;
const submit = { to: 'in_approval', event: 'amendment.submitted' } as const;

/** The commands that an amendment of a kind does not take, whatever its state. */
const foreign: Record<AmendmentKind, readonly AmendmentCommand[]> = {
  material: ['submit', 'acknowledge'],
  administrative: ['propose', 'accept', 'sign', 'countersign'],
  protective: ['propose', 'accept', 'sign', 'acknowledge', 'decline'],
};

/**
 * A change of an executed agreement, on its way to being its next version. A material one is negotiated and signed by
 * both; an administrative one takes one approval and the partner's acknowledgement; a protective one the lab approves
 * and signs alone, where the terms allow it to narrow while a breach is being cured.
 */
@Entity()
@Index('ix_amendment_agreement', ['agreementId', 'id'])
@Check('ck_amendment_kind', "kind IN ('material', 'administrative', 'protective')")
export class Amendment extends NegotiatedText {
  static readonly moves = new Moves<AmendmentState, AmendmentCommand>('amendment', 'draft', {
    draft: {
      revise: { to: 'draft', event: 'amendment.revised' },
      propose: { to: 'in_negotiation', event: 'amendment.proposed' },
      submit,
      withdraw,
      outdate,
    },
    in_negotiation: {
      counter_propose: { to: 'in_negotiation', event: 'amendment.counter_proposed' },
      accept: { to: 'in_approval', event: 'amendment.terms_accepted' },
      submit,
      decline,
      withdraw,
      outdate,
    },
    in_approval: {
      approve: { to: 'in_approval', event: 'amendment.approval_recorded' },
      release: { to: 'out_for_signature', event: 'amendment.released_for_signature' },
      return: { to: 'in_negotiation', event: 'amendment.changes_requested' },
      decline,
      withdraw,
      outdate,
    },
    out_for_signature: {
      sign: { to: 'out_for_signature', event: 'amendment.signed_by_party' },
      countersign: { to: 'executed', event: 'amendment.executed' },
      acknowledge: { to: 'executed', event: 'amendment.acknowledged' },
      reopen: { to: 'in_negotiation', event: 'amendment.signatures_voided' },
      decline,
      withdraw,
      lapse: { to: 'lapsed', event: 'amendment.lapsed' },
      outdate,
    },
    executed: {},
    withdrawn: {},
    declined: {},
    lapsed: {},
    stale: {},
  });

  @ForeignKey('Agreement', { name: 'fk_amendment_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_amendment_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @Column({ type: 'text' })
  kind!: AmendmentKind;

  @Column({ type: 'text' })
  state!: AmendmentState;

  /** The version that it amends: the newest one when it was drafted. */
  @Column({ type: 'integer' })
  baseNumber!: number;

  @Column({ type: 'text' })
  baseDigest!: string;

  /** From when it is to hold. Executed later than that, it holds from its execution: never for the past. */
  @Column({ type: 'timestamptz' })
  effectiveFrom!: Date;

  /** Why, in words that both parties read. */
  @Column({ type: 'text' })
  rationale!: string;

  /** Makes a move of the table, if an amendment of this kind takes the command. */
  override move(command: string): string {
    this.moves.from(this.state, command);
    if (!this.takes(command)) {
      throw new Refusal('move_not_allowed', `An amendment that is ${this.kind} does not take "${command}".`);
    }
    return super.move(command);
  }

  override allowedTo(actor: Actor): string[] {
    return super.allowedTo(actor).filter((command) => this.takes(command) && this.isFor(actor, command));
  }

  /** Whether it may still become a version. */
  get isOpen(): boolean {
    return Object.keys(Amendment.moves.table[this.state]).length > 0;
  }

  /** What nobody negotiates stays with the lab. */
  override passTurn(actor: Actor): void {
    if (this.kind === 'material') super.passTurn(actor);
    else this.turn = 'lab';
  }

  override reopenedBy(actor: Actor): void {
    if (!this.isFor(actor, 'reopen')) {
      throw new Refusal('forbidden', 'A protective amendment is not for the partner to stop.');
    }
    super.reopenedBy(actor);
    if (this.kind !== 'material') this.turn = 'lab';
  }

  private isFor(actor: Actor, command: string): boolean {
    return this.kind !== 'protective' || command !== 'reopen' || actor.side === 'lab';
  }

  private takes(command: string): boolean {
    return !foreign[this.kind].includes(command as AmendmentCommand);
  }

  get moves(): Moves<string, string> {
    return Amendment.moves;
  }

  get ofAgreement(): string {
    return this.agreementId;
  }

  get place(): DocumentPlace {
    return { number: this.baseNumber + 1, previousDigest: this.baseDigest, effectiveFrom: this.effectiveFrom };
  }
}

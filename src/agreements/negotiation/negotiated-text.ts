import { Column, PrimaryColumn } from 'typeorm';
import { Actor, Side } from '../../kernel/actor.js';
import { day } from '../../kernel/clock.js';
import { Moves } from '../../kernel/moves.js';
import { Refusal } from '../../kernel/refusal.js';
import { Subject } from '../../audit/change.js';

/** A released text that is not signed within this time lapses. */
export const signatureWindow = 30 * day;

/** The two parties of a negotiation, as actors' sides name them. */
export type NegotiatingSide = Exclude<Side, 'machine'>;

/** Where a document stands among the versions of its agreement. */
export interface DocumentPlace {
  /** The number of the version that its execution makes. */
  readonly number: number;
  /** The digest of the version that it amends; null for the first. */
  readonly previousDigest: string | null;
  /** From when it is meant to hold; null where its own term says so. */
  readonly effectiveFrom: Date | null;
}

/**
 * A text that two parties negotiate, approve and sign: an agreement's first one, or an amendment. Both live by the
 * same rules, so they are the same columns and the same verbs; only their tables of moves differ.
 */
export abstract class NegotiatedText {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** The number of the newest revision: the only text that can be accepted, approved or signed. */
  @Column({ type: 'integer' })
  headNumber!: number;

  /** The digest of that revision. */
  @Column({ type: 'text' })
  headDigest!: string;

  /** The party that wrote it; the other one accepts it. */
  @Column({ type: 'text' })
  headSide!: NegotiatingSide;

  /** The party that must answer while the text is negotiated; null at any other time. */
  @Column({ type: 'text', nullable: true })
  turn!: NegotiatingSide | null;

  /** Counts acceptances. Approvals and signatures are of one round; those of an earlier one are kept, and void. */
  @Column({ type: 'integer' })
  round!: number;

  /** When a text that is out for signature lapses; null at any other time. */
  @Column({ type: 'timestamptz', nullable: true })
  signBy!: Date | null;

  /** The first revision that the partner was shown; null for what is the lab's own affair still. */
  @Column({ type: 'integer', nullable: true })
  proposedNumber!: number | null;

  @Column({ type: 'timestamptz' })
  createdAt!: Date;

  /** Counts commands, those too that change no other column: whoever signs or approves must see what came before. */
  @Column({ type: 'integer' })
  version!: number;

  abstract state: string;
  abstract organisationId: string;
  /** The agreement that the text is of. */
  abstract readonly ofAgreement: string;
  abstract readonly moves: Moves<string, string>;
  abstract readonly place: DocumentPlace;

  get subject(): Subject {
    return {
      kind: this.moves.thing,
      id: this.id,
      organisationId: this.proposedNumber === null ? null : this.organisationId,
    };
  }

  /** A text that was never proposed does not exist for the partner, nor does its trace in the log. */
  isHiddenFrom(actor: Actor): boolean {
    return actor.side === 'partner' && this.proposedNumber === null;
  }

  /** Makes a move of the table and tells its event. */
  move(command: string): string {
    const { to, event } = this.moves.from(this.state, command);
    this.state = to;
    this.version += 1;
    if (to !== 'in_negotiation') this.turn = null;
    if (to !== 'out_for_signature') this.signBy = null;
    return event;
  }

  /** The commands that an actor could give now; those of a negotiation only to the party whose turn it is. */
  allowedTo(actor: Actor): string[] {
    const answers = ['accept', 'counter_propose'];
    return this.moves
      .allowedTo(actor, this.state)
      .filter((command) => !answers.includes(command) || this.turn === actor.side)
      .filter((command) => command !== 'accept' || this.headSide !== actor.side);
  }

  /** Shows the text at hand, and what follows it, to the partner; earlier drafts stay the lab's own. */
  show(): void {
    this.proposedNumber ??= this.headNumber;
  }

  /** Hands the turn to the other party. */
  passTurn(actor: Actor): void {
    this.turn = actor.side === 'lab' ? 'partner' : 'lab';
  }

  /** Gives the turn to the party that opens an accepted text again. */
  reopenedBy(actor: Actor): void {
    this.turn = actor.side === 'lab' ? 'lab' : 'partner';
  }

  /** Refuses a signature after the time for it, whether or not anybody has told yet that the text lapsed. */
  assertInTime(at: Date): void {
    if (this.signBy === null || at < this.signBy) return;
    throw new Refusal('move_not_allowed', `The time for signing ended at ${this.signBy.toISOString()}.`);
  }

  assertTurn(actor: Actor): void {
    if (this.turn === actor.side) return;
    throw new Refusal('not_your_turn', `The ${this.turn} answers next.`);
  }

  /** Refuses a digest that does not name the text at hand. */
  assertHead(digest: string): void {
    if (digest !== this.headDigest) throw new Refusal('digest_mismatch', undefined, { pointer: '/digest' });
  }
}

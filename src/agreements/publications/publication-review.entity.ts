import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Subject } from '../../audit/change.js';
import { Actor } from '../../kernel/actor.js';
import { Moves } from '../../kernel/moves.js';
import { Refusal } from '../../kernel/refusal.js';

export const reviewStates = ['under_review', 'cleared', 'objected', 'withdrawn'] as const;
export type ReviewState = (typeof reviewStates)[number];
export type ReviewCommand = 'extend' | 'object' | 'clear' | 'withdraw';

/** What follows for a review from the time that has passed; never stored. */
export const reviewStatuses = [...reviewStates, 'cleared_by_silence'] as const;
export type ReviewStatus = (typeof reviewStatuses)[number];

const object = { to: 'objected', event: 'publication_review.objected' } as const;
const clear = { to: 'cleared', event: 'publication_review.cleared' } as const;
const withdraw = { to: 'withdrawn', event: 'publication_review.withdrawn' } as const;

/**
 * A manuscript that the partner wants to publish, under the lab's review. The clock of the terms runs from submission;
 * where it runs out and nobody has objected, the manuscript is cleared, and nobody can object any more.
 */
@Entity()
@Index('ix_publication_review_agreement', ['agreementId', 'id'])
@Index('ix_publication_review_running', ['reviewBy'], { where: "state = 'under_review'" })
@Check('ck_publication_review_extension', '(extended_at IS NULL) = (extension_reason IS NULL)')
@Check('ck_publication_review_decided', "(state IN ('cleared', 'withdrawn')) = (decided_at IS NOT NULL)")
export class PublicationReview {
  static readonly moves = new Moves<ReviewState, ReviewCommand>('publication_review', 'under_review', {
    under_review: {
      extend: { to: 'under_review', event: 'publication_review.extended' },
      object,
      clear,
      withdraw,
    },
    // The lab may drop its objections at any time; a changed manuscript is a review of its own.
    objected: { object, clear, withdraw },
    cleared: {},
    withdrawn: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_publication_review_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_publication_review_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  /** The version whose clock and grounds it goes by: the one in force at submission, or the last that held. */
  @Column({ type: 'integer' })
  versionNumber!: number;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text' })
  manuscriptDigest!: string;

  /** Where the lab gets the manuscript. */
  @Column({ type: 'text', nullable: true })
  link!: string | null;

  /** The review whose objections this manuscript answers. */
  @ForeignKey('PublicationReview', { name: 'fk_publication_review_previous' })
  @Column({ type: 'uuid', nullable: true })
  previousReviewId!: string | null;

  @Column({ type: 'text' })
  state!: ReviewState;

  @Column({ type: 'text' })
  submittedBy!: string;

  @Column({ type: 'timestamptz' })
  submittedAt!: Date;

  /** The end of the time for objections, not included. */
  @Column({ type: 'timestamptz' })
  reviewBy!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  extendedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  extensionReason!: string | null;

  /** When it was cleared in words, or withdrawn. */
  @Column({ type: 'timestamptz', nullable: true })
  decidedAt!: Date | null;

  /** Counts commands. */
  @Column({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'publication_review', id: this.id, organisationId: this.organisationId };
  }

  statusAt(at: Date): ReviewStatus {
    return this.state === 'under_review' && this.reviewBy <= at ? 'cleared_by_silence' : this.state;
  }

  /** Gives the lab more time, once, before the first time is over. */
  extend(reason: string, reviewBy: Date, at: Date): string {
    const event = this.move('extend', at);
    if (this.extendedAt !== null) throw new Refusal('move_not_allowed', 'The time was extended already, once.');
    Object.assign(this, { extendedAt: at, extensionReason: reason, reviewBy });
    return event;
  }

  /** Objects, or objects to more, before the time is over. */
  object(at: Date): string {
    if (this.reviewBy <= at) throw this.silence();
    return this.move('object', at);
  }

  /** Clears it in words. */
  clear(at: Date): string {
    const event = this.move('clear', at);
    this.decidedAt = at;
    return event;
  }

  /** Withdraws it; a researcher, what they submitted. */
  withdraw(actor: Actor, at: Date): string {
    const event = this.move('withdraw', at);
    if (!this.mayWithdraw(actor)) throw new Refusal('forbidden', 'A researcher withdraws what they submitted.');
    this.decidedAt = at;
    return event;
  }

  /** The commands that an actor could give at an instant. */
  allowedTo(actor: Actor, at: Date): ReviewCommand[] {
    if (this.statusAt(at) === 'cleared_by_silence') return [];
    return PublicationReview.moves.allowedTo(actor, this.state).filter((command) => this.isOpenTo(actor, command, at));
  }

  /** The refusal of what comes after the time for it. */
  silence(): Refusal {
    const when = this.reviewBy.toISOString();
    const detail =
      this.state === 'under_review'
        ? `Nobody objected by ${when}, so the manuscript is cleared.`
        : `The time for objections was over at ${when}.`;
    return new Refusal('move_not_allowed', detail);
  }

  private isOpenTo(actor: Actor, command: ReviewCommand, at: Date): boolean {
    if (command === 'extend') return this.extendedAt === null;
    if (command === 'object') return at < this.reviewBy;
    return command === 'withdraw' ? this.mayWithdraw(actor) : true;
  }

  private mayWithdraw({ id, roles }: Actor): boolean {
    return id === this.submittedBy || roles.some((role) => role !== 'researcher');
  }

  private move(command: ReviewCommand, at: Date): string {
    if (this.statusAt(at) === 'cleared_by_silence') throw this.silence();
    const { to, event } = PublicationReview.moves.from(this.state, command);
    this.state = to;
    this.version += 1;
    return event;
  }
}

import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { day, hour } from '../../kernel/clock.js';
import { Moves } from '../../kernel/moves.js';
import { Refusal } from '../../kernel/refusal.js';
import { Subject } from '../../audit/change.js';
import type { NegotiatingSide } from '../negotiation/negotiated-text.js';

export const noticeKinds = ['breach', 'termination', 'other'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const noticeStates = ['served', 'acknowledged', 'remedied', 'cured', 'withdrawn'] as const;
export type NoticeState = (typeof noticeStates)[number];
export type NoticeCommand = 'acknowledge' | 'remedy' | 'accept_remedy' | 'reject_remedy' | 'withdraw';

/** What follows for a notice from the time that has passed; never stored. */
export const noticeStatuses = [...noticeStates, 'deemed_received', 'cure_lapsed'] as const;
export type NoticeStatus = (typeof noticeStatuses)[number];

/**
 * A formal notice of one party to the other. It is received when it is acknowledged, or deemed received after the
 * hours that the terms name; from then the clocks run that it starts: the cure of a breach, the days of a termination.
 */
@Entity()
@Index('ix_notice_agreement', ['agreementId', 'id'])
@Check('ck_notice_breach', "(kind = 'breach') = (cure_days IS NOT NULL)")
@Check('separation_notice_remedy', 'decided_by IS NULL OR decided_by <> remedied_by')
export class Notice {
  static readonly moves = new Moves<NoticeState, NoticeCommand>('notice', 'served', {
    served: {
      acknowledge: { to: 'acknowledged', event: 'notice.acknowledged' },
      remedy: { to: 'remedied', event: 'notice.remedied' },
      withdraw: { to: 'withdrawn', event: 'notice.withdrawn' },
    },
    acknowledged: {
      remedy: { to: 'remedied', event: 'notice.remedied' },
      withdraw: { to: 'withdrawn', event: 'notice.withdrawn' },
    },
    remedied: {
      accept_remedy: { to: 'cured', event: 'notice.cured' },
      reject_remedy: { to: 'acknowledged', event: 'notice.remedy_rejected' },
      withdraw: { to: 'withdrawn', event: 'notice.withdrawn' },
    },
    cured: {},
    withdrawn: {},
  });

  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('PartnerOrganisation', { name: 'fk_notice_organisation' })
  @Column({ type: 'uuid' })
  organisationId!: string;

  @ForeignKey('Agreement', { name: 'fk_notice_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  @Column({ type: 'text' })
  kind!: NoticeKind;

  @Column({ type: 'text' })
  state!: NoticeState;

  @Column({ type: 'text' })
  servedSide!: NegotiatingSide;

  @Column({ type: 'text' })
  servedBy!: string;

  @Column({ type: 'timestamptz' })
  servedAt!: Date;

  /** The addresses of the terms then in force, to which it goes. */
  @Column({ type: 'text', array: true })
  addresses!: string[];

  /** The clause that is invoked. */
  @Column({ type: 'text' })
  clauseRef!: string;

  /** For a breach: the prohibited use that is complained of, where it is one. */
  @Column({ type: 'text', nullable: true })
  prohibitedUse!: string | null;

  @Column({ type: 'text' })
  body!: string;

  /** When it is deemed received if nobody acknowledges it. */
  @Column({ type: 'timestamptz' })
  deemedReceivedAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  acknowledgedAt!: Date | null;

  /** For a breach: the days of the terms within which it is to be cured, counted from receipt; 0 where it cannot be. */
  @Column({ type: 'integer', nullable: true })
  cureDays!: number | null;

  /** What the other party says it did about it. */
  @Column({ type: 'text', nullable: true })
  remedy!: string | null;

  @Column({ type: 'text', nullable: true })
  remediedBy!: string | null;

  /** Who judged the remedy, or withdrew the notice. */
  @Column({ type: 'text', nullable: true })
  decidedBy!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  decidedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  decision!: string | null;

  /** Counts commands. */
  @Column({ type: 'integer' })
  version!: number;

  get subject(): Subject {
    return { kind: 'notice', id: this.id, organisationId: this.organisationId };
  }

  /** When it was or will be received. */
  get receivedAt(): Date {
    const { acknowledgedAt, deemedReceivedAt } = this;
    return acknowledgedAt !== null && acknowledgedAt < deemedReceivedAt ? acknowledgedAt : deemedReceivedAt;
  }

  /** The end of the cure period of a breach, not included; null for any other notice. */
  get cureBy(): Date | null {
    return this.cureDays === null ? null : new Date(this.receivedAt.getTime() + this.cureDays * day);
  }

  /** Whether it is a breach that is neither cured nor withdrawn. */
  get isOpenBreach(): boolean {
    return this.kind === 'breach' && this.state !== 'cured' && this.state !== 'withdrawn';
  }

  /** Whether a breach may be acted upon: open, and its time to be cured is over. */
  cureHasLapsed(at: Date): boolean {
    return this.isOpenBreach && this.cureBy! <= at;
  }

  statusAt(at: Date): NoticeStatus {
    if (this.cureHasLapsed(at)) return 'cure_lapsed';
    return this.state === 'served' && this.deemedReceivedAt <= at ? 'deemed_received' : this.state;
  }

  /** Makes a move as the party that may: who served decides, the other party answers. */
  move(command: NoticeCommand, actor: Actor): string {
    const { to, event } = Notice.moves.from(this.state, command);
    const answers = command === 'acknowledge' || command === 'remedy';
    if ((actor.side === this.servedSide) === answers) {
      throw new Refusal('forbidden', answers ? 'The party that was served answers.' : 'The party that served decides.');
    }
    if (command === 'remedy' && this.kind !== 'breach') {
      throw new Refusal('move_not_allowed', 'Only a notice of breach is remedied.');
    }
    this.state = to;
    this.version += 1;
    return event;
  }

  /** The commands that an actor could give now. */
  allowedTo(actor: Actor): NoticeCommand[] {
    const answers: NoticeCommand[] = ['acknowledge', 'remedy'];
    return Notice.moves
      .allowedTo(actor, this.state)
      .filter((command) => (actor.side !== this.servedSide) === answers.includes(command))
      .filter((command) => command !== 'remedy' || this.kind === 'breach');
  }
}

/** When a notice served now is deemed received under terms that name so many hours. */
export function deemedReceipt(servedAt: Date, hours: number): Date {
  return new Date(servedAt.getTime() + hours * hour);
}

import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import type { NegotiatingSide } from './negotiated-text.js';

/** Who may read a comment: both parties, or the author's own. */
export const audiences = ['both_parties', 'own_party'] as const;

/** A remark on one clause of one revision. Only ever added. */
@Entity()
@Index('ix_clause_comment_text', ['textId', 'id'])
export class ClauseComment {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_clause_comment_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  /** The agreement itself, or the amendment. */
  @Column({ type: 'uuid' })
  textId!: string;

  @Column({ type: 'integer' })
  revisionNumber!: number;

  @Column({ type: 'text' })
  clauseId!: string;

  @Column({ type: 'text' })
  body!: string;

  @Column({ type: 'text' })
  audience!: (typeof audiences)[number];

  @Column({ type: 'text' })
  authorId!: string;

  @Column({ type: 'text' })
  authorName!: string;

  @Column({ type: 'text' })
  authorSide!: NegotiatingSide;

  @Column({ type: 'timestamptz' })
  at!: Date;

  isFor(actor: Actor): boolean {
    return this.audience === 'both_parties' || this.authorSide === actor.side;
  }
}

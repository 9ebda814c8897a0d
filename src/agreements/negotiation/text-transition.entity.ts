import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * One move of an agreement or amendment, as it happened. Only ever inserted: what stood at an instant is read from
 * these rows, whatever came later.
 */
@Entity()
@Index('ix_text_transition_text', ['textId', 'id'])
export class TextTransition {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('Agreement', { name: 'fk_text_transition_agreement' })
  @Column({ type: 'uuid' })
  agreementId!: string;

  /** The agreement itself, or the amendment. */
  @Column({ type: 'uuid' })
  textId!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  command!: string;

  /** The state before; null for the first draft. */
  @Column({ type: 'text', nullable: true })
  fromState!: string | null;

  @Column({ type: 'text' })
  toState!: string;

  @Column({ type: 'text' })
  actorId!: string;

  @Column({ type: 'text' })
  actorName!: string;

  @Column({ type: 'text' })
  actorSide!: string;

  /** The reason that was given, where the command takes one. */
  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  /** Whether the partner may read it: what came before the first proposal is the lab's own. */
  @Column({ type: 'boolean' })
  shown!: boolean;
}

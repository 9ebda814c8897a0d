import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One fact that the log keeps for ever: who did what to which thing, and when. Rows are only ever inserted. */
@Entity()
@Index('ix_audit_entry_log', ['log', 'id'])
@Index('ix_audit_entry_transaction', ['transaction'])
@Check('ck_audit_entry_leaf_hash', 'octet_length(leaf_hash) = 32')
export class AuditEntry {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** The log it belongs to: `organisation:<id>` or `internal`. */
  @Column({ type: 'text' })
  log!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  actorKind!: string;

  @Column({ type: 'text' })
  actorId!: string;

  /** Copied, not joined: an entry outlives the account. */
  @Column({ type: 'text' })
  actorName!: string;

  /** The intent-named event, such as `agreement.signed_by_party`. */
  @Column({ type: 'text' })
  action!: string;

  @Column({ type: 'text' })
  subjectKind!: string;

  @Column({ type: 'text' })
  subjectId!: string;

  /** The bytes that the leaf hash covers; never made again from the columns. */
  @Column({ type: 'bytea' })
  canonical!: Buffer;

  /** SHA-256(0x00 ‖ canonical), the leaf hash of RFC 6962. */
  @Column({ type: 'bytea' })
  leafHash!: Buffer;

  /** The transaction that wrote it, set by a trigger; the triggers of audited tables look for their own here. */
  @Column({ type: 'bigint', insert: false, update: false, select: false })
  transaction!: string;
}

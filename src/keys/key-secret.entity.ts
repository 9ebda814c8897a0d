import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** One secret of a key, as its hash. A key may have several while one replaces another. */
@Entity()
@Index('uq_key_secret_hash', ['hash'], { unique: true })
@Index('ix_key_secret_key', ['keyId'])
export class KeySecret {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('ApiKey', { name: 'fk_key_secret_key' })
  @Column({ type: 'uuid' })
  keyId!: string;

  /** SHA-256 of the whole key string. */
  @Column({ type: 'bytea' })
  hash!: Buffer;

  /** When a replaced secret stops working; null for the current one. */
  @Column({ type: 'timestamptz', nullable: true })
  endsAt!: Date | null;
}

import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Subject } from '../audit/change.js';

/** One log-in. Access tokens name it; ending it ends them all at once. */
@Entity()
@Index('ix_session_user', ['userId', 'id'])
export class Session {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @ForeignKey('UserAccount', { name: 'fk_session_user' })
  @Column({ type: 'uuid' })
  userId!: string;

  /** SHA-256 of the refresh token now valid. */
  @Column({ type: 'bytea' })
  refreshHash!: Buffer;

  /** When the password was last entered. */
  @Column({ type: 'timestamptz' })
  authenticatedAt!: Date;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  subject(organisationId: string | null): Subject {
    return { kind: 'session', id: this.id, organisationId };
  }

  isOpen(at: Date): boolean {
    return this.endedAt === null && at < this.expiresAt;
  }
}

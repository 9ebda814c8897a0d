import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an entry says in detail. Its entry commits to SHA-256(salt ‖ JCS(detail)), so this row alone may be erased. */
@Entity()
export class AuditDetail {
  @PrimaryColumn({ type: 'uuid' })
  entryId!: string;

  @Column({ type: 'bytea' })
  salt!: Buffer;

  @Column({ type: 'jsonb' })
  detail!: object;
}

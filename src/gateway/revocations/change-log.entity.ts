import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What a change that takes access away may be about; a revocation event carries it as its name. */
export const revocationKinds = [
  'key',
  'campaign',
  'agreement',
  'organisation',
  'researcher',
  'purpose',
  'model',
  'credential',
] as const;

/** What a change is about. A price takes nothing away. */
export type ChangeKind = (typeof revocationKinds)[number] | 'price';

/**
 * One change of what decisions stand on. Triggers write the rows, so that a statement typed into psql is here like every
 * other, and the application may only read them. They become visible in the order of their numbers, and are kept.
 */
@Entity()
export class ChangeLog {
  /** Grows with every change; a change that was rolled back leaves a gap. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  seq!: number;

  @Column({ type: 'text' })
  kind!: ChangeKind;

  /** The thing that changed or was stopped; for a purpose and a model the stop itself, for they have no id. */
  @Column({ type: 'uuid' })
  entityId!: string;

  /** The partner that it is about; null for gateway credentials and prices. */
  @Column({ type: 'uuid', nullable: true })
  organisationId!: string | null;

  /** The agreement that bounds a stop or a roster entry. */
  @Column({ type: 'uuid', nullable: true })
  agreementId!: string | null;

  /** What exactly a stop is about, or the secret of a key that changed; null where the whole thing did. */
  @Column({ type: 'text', nullable: true })
  target!: string | null;

  /** The table that changed. */
  @Column({ type: 'text' })
  cause!: string;

  /** False for a change that can only give access. */
  @Column({ type: 'boolean' })
  takesAccess!: boolean;

  /** By the clock of the database, at the commit. */
  @Column({ type: 'timestamptz' })
  at!: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process that decides. Every instant here is by the clock of the database. */
@Entity()
export class GatewayNode {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** The host and the process, for people. */
  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'timestamptz' })
  startedAt!: Date;

  /** When it last asked for changes and was answered; it decides for no more than five seconds after. */
  @Column({ type: 'timestamptz' })
  seenAt!: Date;

  /** The number of the last change that it had applied when it last asked. */
  @Column({ type: 'bigint' })
  position!: number;

  /** When it stopped in order; null while it runs, and for ever where it crashed. */
  @Column({ type: 'timestamptz', nullable: true })
  leftAt!: Date | null;
}

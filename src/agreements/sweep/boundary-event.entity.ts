import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A boundary in time that has been told: that an agreement entered into force, that a report is overdue. The row is
 * what makes it told exactly once, however many processes look at the clock.
 */
@Entity()
export class BoundaryEvent {
  @PrimaryColumn({ type: 'text' })
  subjectKind!: string;

  @PrimaryColumn({ type: 'uuid' })
  subjectId!: string;

  @PrimaryColumn({ type: 'text' })
  event!: string;

  /** The instant of the boundary. One that moves, as an end does that is amended, is another boundary. */
  @PrimaryColumn({ type: 'timestamptz' })
  boundary!: Date;

  @Column({ type: 'timestamptz' })
  toldAt!: Date;
}

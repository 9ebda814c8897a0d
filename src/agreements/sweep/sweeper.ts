import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Change, Subject } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { systemActor } from '../../kernel/actor.js';
import { Clock } from '../../kernel/clock.js';

/** Something that time alone brings about, and that is told exactly once. */
export interface Boundary {
  readonly subject: Subject;
  /** The intent-named event that it leaves in the audit log. */
  readonly event: string;
  readonly boundary: Date;
  readonly detail?: Record<string, unknown>;
  /** What else happens at the boundary, within the same change. False when on a closer look there is nothing to tell. */
  readonly apply?: (change: Change) => Promise<boolean>;
}

/** Looks up the boundaries of one kind that have been reached; it may name ones that were told already. */
export type BoundaryReader = (manager: EntityManager, at: Date) => Promise<Boundary[]>;

/** Ends a change that has nothing to tell, so that nothing of it remains. */
class NothingToTell extends Error {}

/**
 * Tells what time brings about. Every process may sweep, as often as it likes: a boundary belongs to whoever inserts
 * its row, in the very change that tells it, so each is told exactly once and none is lost by a crash.
 */
@Injectable()
export class Sweeper {
  private readonly readers: BoundaryReader[] = [];

  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Adds a kind of boundary; each subject registers its own when the program starts. */
  register(reader: BoundaryReader): void {
    this.readers.push(reader);
  }

  /**
   * Tells every boundary reached by now that nobody has told, in the order in which they were reached; the number that
   * this call told. One that fails, or whose kind cannot be looked up, does not keep the others from being told: the
   * first failure is thrown at the end.
   */
  async sweep(): Promise<number> {
    const at = this.clock.now();
    const { manager } = this.database;
    const failures: unknown[] = [];
    const failed = (error: unknown) => {
      failures.push(error);
      return [];
    };
    const reached = (await Promise.all(this.readers.map((read) => read(manager, at).catch(failed)))).flat();
    const untold = await this.untold(reached.toSorted((one, other) => +one.boundary - +other.boundary));
    let told = 0;
    for (const boundary of untold) {
      await this.tell(boundary).then((own) => (told += own ? 1 : 0), failed);
    }
    if (failures.length > 0) throw failures[0];
    return told;
  }

  private async untold(boundaries: readonly Boundary[]): Promise<Boundary[]> {
    if (boundaries.length === 0) return [];
    const rows: { position: number }[] = await this.database.query(
      `SELECT b.position FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[]) WITH ORDINALITY
         AS b (subject_kind, subject_id, event, boundary, position)
       WHERE NOT EXISTS (SELECT FROM boundary_event e WHERE e.subject_kind = b.subject_kind
         AND e.subject_id = b.subject_id AND e.event = b.event AND e.boundary = b.boundary) ORDER BY b.position`,
      [
        boundaries.map(({ subject }) => subject.kind),
        boundaries.map(({ subject }) => subject.id),
        boundaries.map(({ event }) => event),
        boundaries.map(({ boundary }) => boundary),
      ],
    );
    return rows.map(({ position }) => boundaries[position - 1]!);
  }

  /** Tells one boundary, unless another process has just done so. */
  private async tell({ subject, event, boundary, detail = {}, apply }: Boundary): Promise<boolean> {
    try {
      await this.changes.run(systemActor, async (change) => {
        const claimed: unknown[] = await change.manager.query(
          `INSERT INTO boundary_event (subject_kind, subject_id, event, boundary, told_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING RETURNING 1`,
          [subject.kind, subject.id, event, boundary, change.at],
        );
        if (claimed.length === 0 || (apply && !(await apply(change)))) throw new NothingToTell();
        await change.record(event, subject, { boundary, ...detail });
      });
      return true;
    } catch (error) {
      if (error instanceof NothingToTell) return false;
      throw error;
    }
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { Ledger } from '../quotas/ledger.js';
import { placeLifetime } from '../quotas/windows.js';

/** How many decisions share one transaction. */
const batchMax = 1_000;

/**
 * Gives back the places of requests under way of which nothing was reported for so long that they are taken to be over:
 * a lost report, or a question that was asked twice, would otherwise hold a place for ever.
 */
@Injectable()
export class LapsedPlaces {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly ledger: Ledger,
  ) {}

  /** Gives back every place that has lapsed, many in one transaction; each is there for others when it commits. */
  async giveBack(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - placeLifetime);
    while ((await this.database.transaction((manager) => this.batch(manager, before))) === batchMax);
  }

  private async batch(manager: EntityManager, before: Date): Promise<number> {
    // Whoever reports the use of a decision at this moment holds its row, and gives the place back itself.
    const decisions: { id: string }[] = await manager.query(
      `SELECT id FROM decision_record WHERE holds_place AND at <= $1 ORDER BY at LIMIT ${batchMax}
       FOR UPDATE SKIP LOCKED`,
      [before],
    );
    const ids = decisions.map(({ id }) => id);
    const places: { windowId: string; held: number }[] = await manager.query(
      `SELECT w.id AS "windowId", sum(r.reserved)::bigint AS held
       FROM decision_record d, unnest(d.window_ids, d.reserved) AS r (window_id, reserved)
       JOIN quota_window w ON w.id = r.window_id AND w.metric = 'concurrent_requests'
       WHERE d.id = ANY($1) GROUP BY w.id`,
      [ids],
    );
    await this.ledger.hold(
      manager,
      places.map(({ windowId }) => windowId),
    );
    await this.ledger.write(
      manager,
      places.map(({ windowId, held }) => ({ windowId, leased: -held, used: 0 })),
    );
    // What a late report would give back is no longer there.
    await manager.query(
      `UPDATE decision_record d SET holds_place = false, reserved = ARRAY(
         SELECT CASE w.metric WHEN 'concurrent_requests' THEN 0 ELSE r.reserved END
         FROM unnest(d.window_ids, d.reserved) WITH ORDINALITY AS r (window_id, reserved, place)
         JOIN quota_window w ON w.id = r.window_id ORDER BY r.place)
       WHERE d.id = ANY($1)`,
      [ids],
    );
    return ids.length;
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Clock, day } from '../kernel/clock.js';
import { Entry, HeldWindow } from '../quotas/held-window.js';
import { Ledger } from '../quotas/ledger.js';
import { bucketOf } from '../quotas/rolling.js';

/** How long a report is waited for before what was reserved is taken to be used. */
export const assumedAfter = day;

/** How many decisions share one transaction. */
const batchMax = 1_000;

/** An allowance of which nothing was reported. */
interface Unreported {
  id: string;
  windowIds: string[];
  reserved: number[];
  countedAt: Date;
}

/**
 * Takes what was reserved to be used where nothing was reported of it for a day: a report that is lost must not keep
 * reservations for ever, nor be a way to use without counting. A report that comes after all corrects it.
 */
@Injectable()
export class AssumedUse {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly ledger: Ledger,
  ) {}

  /** Assumes the use of every allowance that has waited for so long, many in one transaction. */
  async assume(): Promise<void> {
    const at = this.clock.now();
    while ((await this.database.transaction((manager) => this.batch(manager, at))) === batchMax);
  }

  private async batch(manager: EntityManager, at: Date): Promise<number> {
    // Whoever reports the use of a decision at this moment holds its row, and settles it.
    const decisions: Unreported[] = await manager.query(
      `SELECT id, window_ids AS "windowIds", reserved, counted_at AS "countedAt" FROM decision_record
       WHERE code = 'allowed' AND settled_at IS NULL AND assumed_at IS NULL AND at <= $1
       ORDER BY at LIMIT ${batchMax} FOR UPDATE SKIP LOCKED`,
      [new Date(at.getTime() - assumedAfter)],
    );
    const held = await this.ledger.hold(
      manager,
      decisions.flatMap(({ windowIds }) => windowIds),
    );
    await this.ledger.write(
      manager,
      decisions.flatMap((decision) => entriesOf(decision, held)),
    );
    await manager.query('UPDATE decision_record SET assumed_at = $2, holds_place = false WHERE id = ANY($1)', [
      decisions.map(({ id }) => id),
      at,
    ]);
    return decisions.length;
  }
}

/** What was reserved becomes used; a place of a limit on concurrent requests only goes back. */
function entriesOf({ windowIds, reserved, countedAt }: Unreported, held: ReadonlyMap<string, HeldWindow>): Entry[] {
  return windowIds.map((windowId, place) => {
    const { metric, unit } = held.get(windowId)!;
    const amount = reserved[place]!;
    const assumed = metric === 'concurrent_requests' ? 0 : amount;
    return { windowId, leased: -amount, used: assumed, assumed, bucket: unit && bucketOf(unit, countedAt) };
  });
}

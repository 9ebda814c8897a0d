import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LeaseLedger } from '../../quotas/leases/lease-ledger.js';
import { DecisionRow, writeDecisions } from '../journal.js';

/** Writes decisions that leases covered, once each, whoever comes first with one: the node itself, or who saw its token. */
@Injectable()
export class DecisionWriter {
  constructor(
    private readonly database: DataSource,
    private readonly leases: LeaseLedger,
  ) {}

  /**
   * Writes decisions and charges what they reserved to their leases, in one transaction. Of a lease that was released in
   * the meantime nothing is left to reserve: what such a decision used is counted when it is reported.
   */
  async write(rows: readonly DecisionRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.database.transaction(async (manager) => {
      const held = await this.leases.hold(
        manager,
        rows.flatMap(({ windows }) => windows.flatMap(({ leaseId }) => leaseId ?? [])),
      );
      const covered = rows.map((row) => ({ ...row, windows: row.windows.map((one) => coveredBy(held, one)) }));
      // In one order, so that two who write the same never wait for each other.
      const fresh = await writeDecisions(
        manager,
        covered.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
      );
      const spent = new Map<string, number>();
      for (const { leaseId, reserved } of covered.filter(({ id }) => fresh.has(id)).flatMap(({ windows }) => windows)) {
        if (leaseId && reserved > 0) spent.set(leaseId, (spent.get(leaseId) ?? 0) + reserved);
      }
      await this.leases.charge(manager, spent);
    });
  }
}

function coveredBy(held: ReadonlySet<string>, window: DecisionRow['windows'][number]): DecisionRow['windows'][number] {
  return window.leaseId && !held.has(window.leaseId) ? { ...window, reserved: 0 } : window;
}

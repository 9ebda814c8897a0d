import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager, In, Raw } from 'typeorm';
import { Actor } from '../../kernel/actor.js';
import { Refusal } from '../../kernel/refusal.js';
import { Changes } from '../../audit/changes.js';
import { findOwned, pageOfOwned } from '../../audit/owned.js';
import { reading } from '../../audit/reading.js';
import { Page } from '../../http/paging.js';
import { Ledger } from '../ledger.js';
import { QuotaWindow } from '../quota-window.entity.js';
import { LeaseState, QuotaLease } from './quota-lease.entity.js';
import { QuotaLeaseQuery, ReleaseLease } from './quota-leases.dto.js';

/** A lease with what people need to know of its window. */
export type ToldLease = Omit<QuotaLease, 'subject'> & Pick<QuotaWindow, 'agreementId' | 'quotaId' | 'metric'>;

/** Shows what was lent to gateway nodes, and takes back by hand what a lost node left unaccounted for. */
@Injectable()
export class QuotaLeases {
  constructor(
    private readonly changes: Changes,
    private readonly database: DataSource,
    private readonly ledger: Ledger,
  ) {}

  /** The leases that an actor sees, newest first. */
  list(actor: Actor, query: QuotaLeaseQuery): Promise<Page<ToldLease>> {
    const { agreementId, state } = query;
    const where = {
      ...(state !== undefined && { state: state as LeaseState }),
      ...(agreementId !== undefined && { windowId: Raw(ofAgreement, { agreementId }) }),
    };
    return reading(this.database, async (manager) => {
      const { data, nextCursor } = await pageOfOwned(manager, QuotaLease, { actor, query, where });
      return { data: await withWindows(manager, data), nextCursor };
    });
  }

  /**
   * Gives back what is left of a quarantined lease. Only such a one is: its node had to stop using it before it was
   * quarantined, so that nothing can be admitted from it any more. Windows are locked before leases, as everywhere: what
   * a late journal takes at this moment either counts before the rest goes back, or finds the lease closed.
   */
  release(actor: Actor, id: string, { reason }: ReleaseLease): Promise<ToldLease> {
    return this.changes.run(actor, async (change) => {
      const { manager } = change;
      const { windowId } = await findOwned(manager, QuotaLease, actor, id);
      await this.ledger.hold(manager, [windowId]);
      const lease = await change.hold(QuotaLease, id);
      if (lease.state !== 'quarantined') {
        throw new Refusal('move_not_allowed', `The lease is ${lease.state}; only a quarantined one is released.`);
      }
      const { nodeId, left } = lease;
      await this.ledger.write(manager, [{ windowId, leased: -left, used: 0 }]);
      const [rows]: [{ closedAt: Date }[]] = await manager.query(
        `UPDATE quota_lease SET state = 'closed', closed_at = clock_timestamp() WHERE id = $1 RETURNING closed_at AS "closedAt"`,
        [id],
      );
      Object.assign(lease, { state: 'closed', closedAt: rows[0]!.closedAt });
      await change.record('quota_lease.released', lease.subject, { windowId, nodeId, returned: left, reason });
      return (await withWindows(manager, [lease]))[0]!;
    });
  }
}

/** The condition that a column names a window under an agreement. */
function ofAgreement(column: string): string {
  return `${column} IN (SELECT id FROM quota_window WHERE agreement_id = :agreementId)`;
}

async function withWindows(manager: EntityManager, leases: readonly QuotaLease[]): Promise<ToldLease[]> {
  const windows = await manager.findBy(QuotaWindow, { id: In(leases.map(({ windowId }) => windowId)) });
  const byId = new Map(windows.map((window) => [window.id, window]));
  return leases.map((lease) => {
    const { agreementId, quotaId, metric } = byId.get(lease.windowId)!;
    return { ...lease, left: lease.left, agreementId, quotaId, metric };
  });
}

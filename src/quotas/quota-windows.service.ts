import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { pageOfOwned } from '../audit/owned.js';
import { reading } from '../audit/reading.js';
import { AgreementQuery } from '../campaigns/campaigns.dto.js';
import { Page } from '../http/paging.js';
import { Lent, lentSql } from './leases/lent.js';
import { QuotaWindow } from './quota-window.entity.js';

/** A window whose `leased` is what decisions reserved, and apart from it what is lent to nodes. */
export type ToldWindow = QuotaWindow & Lent;

/** Tells people what is left in the windows of quotas. */
@Injectable()
export class QuotaWindows {
  constructor(private readonly database: DataSource) {}

  /** The windows that an actor sees, newest first. */
  list(actor: Actor, query: AgreementQuery): Promise<Page<ToldWindow>> {
    const where = query.agreementId === undefined ? {} : { agreementId: query.agreementId };
    return reading(this.database, async (manager) => {
      const { data, nextCursor } = await pageOfOwned(manager, QuotaWindow, { actor, query, where });
      const lent = await lentOf(
        manager,
        data.map(({ id }) => id),
      );
      return { data: data.map((window) => told(window, lent.get(window.id)!)), nextCursor };
    });
  }
}

async function lentOf(manager: EntityManager, ids: readonly string[]): Promise<Map<string, Lent>> {
  const rows: (Lent & { id: string })[] = await manager.query(
    `SELECT w.id, lent, quarantined FROM quota_window w CROSS JOIN ${lentSql} WHERE w.id = ANY($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, lent, quarantined }) => [id, { lent, quarantined }]));
}

function told(window: QuotaWindow, { lent, quarantined }: Lent): ToldWindow {
  return { ...window, leased: window.leased - lent - quarantined, lent, quarantined };
}

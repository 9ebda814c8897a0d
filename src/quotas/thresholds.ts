import { Injectable, OnModuleInit } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { Boundary, Sweeper } from '../agreements/sweep/sweeper.js';
import { lentSql } from './leases/lent.js';

/** A window that has come to a percentage of its limit. */
interface Reached {
  id: string;
  organisationId: string;
  event: string;
  startsAt: Date;
  agreementId: string;
  quotaId: string;
  measure: string;
  subject: string;
  percent: number;
  limit: number;
  counted: number;
}

// A use may be reported for thirty-five days, so that long a window that has ended may still come to a percentage.
const reachedSql = `
  SELECT w.id, w.organisation_id AS "organisationId", w.agreement_id AS "agreementId", w.quota_id AS "quotaId",
    w.measure, w.subject, w.starts_at AS "startsAt", n.event, p.percent::int AS percent, w."limit",
    c.counted
  FROM quota_window w
  CROSS JOIN ${lentSql}
  -- What a node has not admitted yet is no use; what a lost node held may be, and counts as spent.
  CROSS JOIN LATERAL (SELECT w.leased - l.lent + w.used + w.overrun AS counted) c
  JOIN LATERAL (SELECT terms FROM agreement_version WHERE agreement_id = w.agreement_id AND effective_from <= $1
                ORDER BY number DESC LIMIT 1) v ON true
  CROSS JOIN LATERAL jsonb_array_elements(v.terms -> 'quotas') AS q (quota)
  CROSS JOIN LATERAL jsonb_array_elements_text(q.quota -> 'notifyAtPercent') AS p (percent)
  CROSS JOIN LATERAL (SELECT 'quota.reached_' || p.percent || '_percent' AS event) n
  WHERE q.quota ->> 'id' = w.quota_id AND w.ends_at > $1::timestamptz - interval '35 days'
    AND c.counted > 0
    AND c.counted::numeric * 100 >= w."limit"::numeric * p.percent::int
    -- What was told is left out here already: windows are never deleted, so it would only grow.
    AND NOT EXISTS (SELECT FROM boundary_event e WHERE e.subject_kind = 'quota_window' AND e.subject_id = w.id
      AND e.event = n.event AND e.boundary = w.starts_at)
  ORDER BY w.id, p.percent::int`;

/**
 * Tells both parties when a window comes to a percentage of its limit that the terms name, once for each: the events are
 * `quota.reached_80_percent` and the like. No instant is kept for it, so that of the window stands for the boundary.
 */
@Injectable()
export class Thresholds implements OnModuleInit {
  constructor(private readonly sweeper: Sweeper) {}

  onModuleInit(): void {
    this.sweeper.register(reached);
  }
}

async function reached(manager: EntityManager, at: Date): Promise<Boundary[]> {
  const found: Reached[] = await manager.query(reachedSql, [at]);
  return found.map(({ id, organisationId, event, startsAt: boundary, ...detail }) => ({
    subject: { kind: 'quota_window', id, organisationId },
    event,
    boundary,
    detail,
  }));
}

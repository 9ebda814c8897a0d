import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { findOwned } from '../audit/owned.js';
import { reading } from '../audit/reading.js';
import { ApiKey } from '../keys/api-key.entity.js';
import { WindowRoom } from '../quotas/rooms.js';
import { windowKey } from '../quotas/windows.js';
import { roomsByModel, shownRoom } from '../gateway/asking/model-rooms.js';
import { KeyFacts, StandingReader } from '../gateway/standing.js';
import { DayOfUseShape, KeyLimitShape, KeyUsageAnswer, KeyUsageQuery, UsedShape } from './key-usage.dto.js';
import { usageInterval } from './usage-interval.js';

/** One line of the sums; the one without date and model is the sum of all. */
type Line = Omit<DayOfUseShape, 'date' | 'model' | 'lastUsedAt'> & {
  date: string | null;
  model: string | null;
  lastUsedAt: Date | null;
};

const linesSql = `
  SELECT to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS date, served_model AS model, count(*) AS requests,
    coalesce(sum(input_tokens), 0)::bigint AS "inputTokens", coalesce(sum(output_tokens), 0)::bigint AS "outputTokens",
    max(time) AS "lastUsedAt"
  FROM usage_event WHERE key_id = $1 AND time >= $2 AND time < $3
  GROUP BY GROUPING SETS ((1, 2), ()) ORDER BY 1 NULLS FIRST, 2`;

/** What one key has used, and what it may use still. */
@Injectable()
export class KeyUsage {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly standing: StandingReader,
  ) {}

  find(actor: Actor, id: string, query: KeyUsageQuery): Promise<KeyUsageAnswer> {
    return reading(this.database, async (manager) => {
      const at = this.clock.now();
      const { publicId, models } = await findOwned(manager, ApiKey, actor, id);
      const { from, until } = usageInterval(query, at);
      const lines: Line[] = await manager.query(linesSql, [id, from, until]);
      const facts = (await this.standing.readKeys(manager, [id], at)).get(id)!;
      return {
        keyId: id,
        publicId,
        from: from.toISOString(),
        until: until.toISOString(),
        totals: usedOf(lines[0]!),
        days: lines.slice(1).map((line) => ({ date: line.date!, model: line.model!, ...usedOf(line) })),
        limits: await this.limitsOf(manager, facts, models, at),
      };
    });
  }

  private async limitsOf(manager: EntityManager, facts: KeyFacts, models: readonly string[], at: Date) {
    const limits = new Map<string, KeyLimitShape>();
    for (const [model, windows] of await roomsByModel(manager, facts, models, at)) {
      for (const window of windows) {
        const limit = limits.get(windowKey(window)) ?? limitOf(facts, window);
        limit.models.push(model);
        limits.set(windowKey(window), limit);
      }
    }
    return [...limits.values()];
  }
}

function usedOf({ requests, inputTokens, outputTokens, lastUsedAt }: Line): UsedShape {
  return { requests, inputTokens, outputTokens, lastUsedAt: lastUsedAt && lastUsedAt.toISOString() };
}

/** A window without the models that it counts, which are for the caller to tell. */
function limitOf(facts: KeyFacts, window: WindowRoom): KeyLimitShape {
  const { quotaId, used, overrun, assumed, leased, lent, quarantined, startsAt } = window;
  const { clauseRef } = facts.version.terms.quotas.find(({ id }) => id === quotaId)!;
  const counts = { used: used + overrun, assumed, leased, lent, quarantined };
  return { ...shownRoom(window), ...counts, clauseRef, models: [], startsAt: startsAt.toISOString() };
}

import { EntityManager } from 'typeorm';
import { readRooms, WindowRoom } from '../../quotas/rooms.js';
import { windowKey, windowsOf } from '../../quotas/windows.js';
import { useOf } from '../prepared-questions.js';
import { KeyFacts } from '../standing.js';
import { RoomShape } from './decisions.dto.js';

/** The windows that count what a key does with each of these models at an instant, with what is left in them. */
export async function roomsByModel(
  manager: EntityManager,
  facts: KeyFacts,
  models: readonly string[],
  at: Date,
): Promise<Map<string, WindowRoom[]>> {
  const counting = models.map(
    (model) => [model, windowsOf(facts.version.terms, useOf(facts, { request: { model } }), at)] as const,
  );
  const rooms = await readRooms(
    manager,
    counting.flatMap(([, windows]) => windows),
  );
  return new Map(counting.map(([model, windows]) => [model, windows.map((window) => rooms.get(windowKey(window))!)]));
}

/** What is left in a window, as answers show it. */
export function shownRoom({ quotaId, metric, currency, scope, limit, room, resetsAt }: WindowRoom): RoomShape {
  return {
    quota: quotaId,
    metric,
    currency,
    scope,
    limit,
    remaining: Math.max(0, room),
    resetsAt: resetsAt.toISOString(),
  };
}

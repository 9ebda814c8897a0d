import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { amountOf } from '../terms/deciding/clauses.js';
import { Amounts } from '../terms/deciding/decision.js';
import { DatedVersion, versionInForce } from '../agreements/versions.js';
import { Entry, HeldWindow } from '../quotas/held-window.js';
import { Ledger } from '../quotas/ledger.js';
import { PriceBook } from '../quotas/prices/price-book.js';
import { pricesFor } from '../quotas/prices/prices.js';
import { bucketOf } from '../quotas/rolling.js';
import { windowKey, windowsOf } from '../quotas/windows.js';
import { AuthorizationState, NewUsage } from './usage-tables.js';

/** A decision that an event may cite. */
interface Authorization {
  id: string;
  keyId: string | null;
  code: string;
  windowIds: string[];
  /** What it reserved in each of its windows. */
  reserved: number[];
  countedAt: Date;
  settledAt: Date | null;
  /** When what it reserved was taken to be used; null where the reservation stands. */
  assumedAt: Date | null;
}

/** The executed versions of an agreement and when it ended, for judging use by its own time. */
export interface AgreementOfUse {
  endedAt: Date | null;
  versions: readonly DatedVersion[];
}

/** Settles the quota ledger with what was really used. */
@Injectable()
export class Settlement {
  constructor(private readonly ledger: Ledger) {}

  /** Locks the decisions that events cite until the transaction ends, so that each is settled once. */
  async authorizations(
    manager: EntityManager,
    usages: readonly Pick<NewUsage, 'cited'>[],
  ): Promise<Map<string, Authorization>> {
    const ids = usages.flatMap(({ cited }) => cited ?? []);
    if (ids.length === 0) return new Map();
    const rows: Authorization[] = await manager.query(
      `SELECT id, key_id AS "keyId", code, window_ids AS "windowIds", reserved,
         counted_at AS "countedAt", settled_at AS "settledAt", assumed_at AS "assumedAt"
       FROM decision_record WHERE id = ANY($1) ORDER BY id FOR UPDATE`,
      [[...new Set(ids)]],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /**
   * Ends the reservations of authorized use and counts what was used; use without an authorization is counted in the
   * windows of its own time. Whatever was reported is counted, whether it was allowed or not; what was assumed until then
   * is taken back.
   */
  async settle(
    manager: EntityManager,
    usages: readonly NewUsage[],
    by: { authorizations: Map<string, Authorization>; agreements: Map<string, AgreementOfUse>; at: Date },
  ): Promise<void> {
    const own = usages.map((usage) => ({ usage, windows: ownWindows(usage, by.agreements) }));
    const located = await this.ledger.locate(
      manager,
      own.flatMap(({ windows }) => windows),
      by.at,
    );
    const counted = own.map(({ usage, windows }) => {
      const authorization = usage.state === 'settled' ? by.authorizations.get(usage.decisionId!)! : null;
      const ids = authorization?.windowIds ?? windows.map((window) => located.get(windowKey(window))!);
      return { usage, authorization, ids };
    });
    const held = await this.ledger.hold(
      manager,
      counted.flatMap(({ ids }) => ids),
    );
    const prices = await pricesFor(
      manager,
      usages.map(({ event }) => event.data.served_model),
      [...held.values()],
    );
    const entries = counted.flatMap(({ usage, authorization, ids }) => {
      const amounts = usedAmounts(usage, prices);
      const at = authorization?.countedAt ?? usage.time;
      return ids.map((id, place) => {
        const window = held.get(id)!;
        const bucket = window.unit && bucketOf(window.unit, at);
        const reserved = authorization?.reserved[place] ?? 0;
        const entry = entryOf(window, amounts, reserved);
        return { ...(authorization?.assumedAt ? correctionOf(window, entry, reserved) : entry), bucket };
      });
    });
    await this.ledger.write(manager, entries);
    const settled = counted.flatMap(({ authorization }) => authorization?.id ?? []);
    await manager.query('UPDATE decision_record SET settled_at = $2, holds_place = false WHERE id = ANY($1)', [
      settled,
      by.at,
    ]);
  }
}

/** How an event stands to the authorization it cites; an authorization that it settles is used up for the next. */
export function authorizationState(
  usage: Pick<NewUsage, 'event' | 'key' | 'cited'>,
  authorizations: Map<string, Authorization>,
  spent: Set<string>,
): AuthorizationState {
  if (!usage.event.data.authorization) return 'none';
  const cited = authorizations.get(usage.cited ?? '');
  if (cited?.code !== 'allowed') return 'unknown';
  if (cited.keyId !== usage.key.keyId) return 'mismatched';
  if (cited.settledAt || spent.has(cited.id)) return 'reused';
  spent.add(cited.id);
  return 'settled';
}

/** The version in force at the time of a use; null outside the term. */
export function versionOfUse(agreement: AgreementOfUse | undefined, at: Date): DatedVersion | null {
  return agreement ? versionInForce(agreement.versions, agreement.endedAt, at) : null;
}

function ownWindows({ state, key, event, time }: NewUsage, agreements: Map<string, AgreementOfUse>) {
  const version = state === 'settled' ? null : versionOfUse(agreements.get(key.agreementId), time);
  if (version === null) return [];
  const windows = windowsOf(version.terms, { ...key, model: event.data.served_model }, time);
  // What was not admitted never held a place.
  return windows.filter(({ metric }) => metric !== 'concurrent_requests');
}

/**
 * How a window is to change by a use that had reserved something in it: a place is given back and leaves nothing behind.
 * Where no price tells what was spent, what was reserved counts as spent, and the window keeps that it does not know.
 */
function entryOf(window: HeldWindow, amounts: Amounts, reserved: number): Entry {
  const used = window.metric === 'concurrent_requests' ? 0 : amountOf(window, amounts);
  const unpriced = window.metric === 'spend' && used === null ? 1 : 0;
  return { windowId: window.id, leased: -reserved, used: used ?? reserved, unpriced };
}

/** The same where what was reserved had been taken to be used: nothing is reserved any more, and the report stands instead. */
function correctionOf({ metric }: HeldWindow, entry: Entry, reserved: number): Entry {
  const assumed = metric === 'concurrent_requests' ? 0 : reserved;
  return { ...entry, leased: 0, used: entry.used - assumed, assumed: -assumed };
}

/** What was used, at the prices of its own time. */
function usedAmounts({ event, time }: NewUsage, prices: PriceBook): Amounts {
  const { served_model, input_tokens, output_tokens, cache_read_input_tokens: cachedInput } = event.data;
  const spend = prices.spend(served_model, time, { input: input_tokens, output: output_tokens, cachedInput });
  return { requests: 1, input_tokens, output_tokens, spend };
}

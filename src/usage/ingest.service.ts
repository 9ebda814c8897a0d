import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { DatedVersion } from '../agreements/versions.js';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { Refusal } from '../kernel/refusal.js';
import { Change } from '../audit/change.js';
import { Changes } from '../audit/changes.js';
import { leafHash, MerkleTree } from '../audit/merkle.js';
import { usageEventsTotal } from '../http/metrics.js';
import { CitedDecisions } from './cited-decisions.js';
import { keepRunsAlive } from './run-life.js';
import { AgreementOfUse, authorizationState, Settlement, versionOfUse } from './settlement.js';
import { Item, readItem, UsageEvent } from './usage-event.js';
import {
  addToRollups,
  identityOf,
  insertConflicts,
  insertEvents,
  NewUsage,
  readDigests,
  readKeys,
} from './usage-tables.js';

/** How many events share one transaction. */
export const batchEventsMax = 1_000;

/** What became of one event. */
export interface ItemResult {
  source: string;
  id: string;
  result: 'recorded' | 'duplicate' | 'conflict' | 'rejected';
  reason?: string;
}

/** An event whose key is known. */
type Attributed = Extract<Item, { event: UsageEvent }> & Pick<NewUsage, 'key' | 'cited'>;

/**
 * How often a batch is tried again. A race is lost only to a batch that was committed, and makes at least one event
 * more a known one, so that trying again comes to an end.
 */
const attemptsMax = 100;

/** Another batch was faster with the same event; trying again sees what it kept. */
class RaceLost extends Error {}

/** Takes usage events in, each exactly once, and settles the quotas in the same transaction. */
@Injectable()
export class IngestService {
  constructor(
    private readonly changes: Changes,
    private readonly clock: Clock,
    private readonly settlement: Settlement,
    private readonly cited: CitedDecisions,
  ) {}

  /** Takes events in, a thousand a transaction, and tells what became of each, in their order. */
  async ingest(actor: Actor, values: readonly unknown[]): Promise<ItemResult[]> {
    const results: ItemResult[] = [];
    for (let from = 0; from < values.length; from += batchEventsMax) {
      const now = this.clock.now();
      const items = values.slice(from, from + batchEventsMax).map((value) => readItem(value, now));
      results.push(...(await this.batch(actor, items)));
    }
    for (const { result } of results) usageEventsTotal.inc({ result });
    return results;
  }

  private async batch(actor: Actor, items: readonly Item[]): Promise<ItemResult[]> {
    const cited = await this.cited.resolve(
      items.flatMap((item) => ('event' in item ? (item.event.data.authorization ?? []) : [])),
    );
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.changes.run(actor, (change) => this.take(change, items, cited));
      } catch (error) {
        if (!(error instanceof RaceLost)) throw error;
        if (attempt === attemptsMax) throw busyWithTheSame();
      }
    }
  }

  private async take(change: Change, items: readonly Item[], cited: Map<string, string>): Promise<ItemResult[]> {
    const { manager } = change;
    const keys = await readKeys(
      manager,
      items.flatMap((item) => ('event' in item ? [item.event.subject] : [])),
    );
    const attributed = items.flatMap((item): Attributed[] => {
      if (!('event' in item)) return [];
      const key = keys.get(item.event.subject);
      return key ? [{ ...item, key, cited: cited.get(item.event.data.authorization ?? '') ?? null }] : [];
    });
    const agreements = await holdAgreements(manager, attributed);
    const batch = await openBatch(change, items.length);
    const { fresh, conflicts, results } = await sort(manager, items, attributed);
    const authorizations = await this.settlement.authorizations(manager, fresh);
    const usages = judge(fresh, authorizations, agreements);
    // Always in the order of identities, so that two batches with the same events never wait for each other.
    const inserted = await insertEvents(manager, batch, usages.toSorted(byIdentity));
    if (inserted < usages.length) throw new RaceLost();
    await insertConflicts(manager, batch, conflicts);
    await addToRollups(manager, batch);
    await this.settlement.settle(manager, usages, { authorizations, agreements, at: change.at });
    await keepRunsAlive(manager, usages, change.at);
    await recordBatch(change, { batch, usages, conflicts, results });
    return results;
  }
}

function busyWithTheSame(): Refusal {
  return new Refusal('temporary_reduced_capacity', 'Others report the same events now.', { retryAfterSeconds: 1 });
}

/** Parts a batch into what is new, what contradicts and what is known, and says so of each in order. */
async function sort(manager: EntityManager, items: readonly Item[], attributed: readonly Attributed[]) {
  const digests = await readDigests(manager, attributed);
  const byItem = new Map(attributed.map((one) => [one.event, one]));
  const fresh: Attributed[] = [];
  const conflicts: Attributed[] = [];
  const results = items.map((item): ItemResult => {
    if ('rejected' in item) return { source: item.source, id: item.id, result: 'rejected', reason: item.rejected };
    const { source, id, subject } = item.event;
    const one = byItem.get(item.event);
    if (!one) return { source, id, result: 'rejected', reason: `/subject: no key has the public id ${subject}.` };
    const known = digests.get(identityOf(one));
    if (known?.equals(one.digest)) return { source, id, result: 'duplicate' };
    if (known) {
      conflicts.push(one);
      return { source, id, result: 'conflict', reason: 'Another payload was kept under this identity.' };
    }
    digests.set(identityOf(one), one.digest);
    fresh.push(one);
    return { source, id, result: 'recorded' };
  });
  return { fresh, conflicts, results };
}

function judge(
  fresh: readonly Attributed[],
  authorizations: Parameters<typeof authorizationState>[1],
  agreements: Map<string, AgreementOfUse>,
): NewUsage[] {
  const spent = new Set<string>();
  return fresh.map((one) => {
    const version = versionOfUse(agreements.get(one.key.agreementId), one.time);
    const state = authorizationState(one, authorizations, spent);
    return {
      ...one,
      version: version?.number ?? null,
      state,
      decisionId: state === 'none' || state === 'unknown' ? null : one.cited,
    };
  });
}

/**
 * Reads the versions of the agreements touched, sharing a lock with other batches: closing a period waits for batches
 * under way, so that every event with a lower batch number is there when it counts.
 */
async function holdAgreements(manager: EntityManager, attributed: readonly Attributed[]) {
  const ids = [...new Set(attributed.map(({ key }) => key.agreementId))];
  const agreements: { id: string; endedAt: Date | null }[] = await manager.query(
    'SELECT id, ended_at AS "endedAt" FROM agreement WHERE id = ANY($1) ORDER BY id FOR SHARE',
    [ids],
  );
  const rows: (DatedVersion & { agreementId: string })[] = await manager.query(
    `SELECT agreement_id AS "agreementId", number, effective_from AS "effectiveFrom", terms
     FROM agreement_version WHERE agreement_id = ANY($1) ORDER BY agreement_id, number`,
    [ids],
  );
  const versions = Map.groupBy(rows, ({ agreementId }) => agreementId);
  return new Map(agreements.map(({ id, endedAt }) => [id, { endedAt, versions: versions.get(id) ?? [] }]));
}

async function openBatch(change: Change, size: number): Promise<number> {
  const rows: { id: number }[] = await change.manager.query(
    'INSERT INTO usage_batch (gateway_id, received_at, size) VALUES ($1, $2, $3) RETURNING id',
    [change.actor.id, change.at, size],
  );
  return rows[0]!.id;
}

function byIdentity(one: NewUsage, other: NewUsage): number {
  return identityOf(one) < identityOf(other) ? -1 : 1;
}

interface Taken {
  batch: number;
  usages: readonly NewUsage[];
  conflicts: readonly Attributed[];
  results: readonly ItemResult[];
}

/** One entry in the log of each organisation whose events came, over the Merkle root of just those; one for the lab. */
async function recordBatch(change: Change, { batch, usages, conflicts, results }: Taken): Promise<void> {
  const subject = { kind: 'usage_batch', id: String(batch) };
  for (const [organisationId, own] of Map.groupBy(usages, ({ key }) => key.organisationId)) {
    const tree = new MerkleTree();
    for (const { digest } of own.toSorted(byIdentity)) tree.add(leafHash(digest));
    await change.record(
      'usage.recorded',
      { ...subject, organisationId },
      {
        events: own.length,
        root: tree.root().toString('hex'),
        input_tokens: own.reduce((sum, { event }) => sum + event.data.input_tokens, 0),
        output_tokens: own.reduce((sum, { event }) => sum + event.data.output_tokens, 0),
      },
    );
  }
  for (const [organisationId, own] of Map.groupBy(conflicts, ({ key }) => key.organisationId)) {
    await change.record('usage.conflicted', { ...subject, organisationId }, { events: own.length });
  }
  const counts = Object.fromEntries(
    Map.groupBy(results, ({ result }) => result)
      .entries()
      .map(([k, v]) => [k, v.length]),
  );
  await change.record('usage.batch_received', { ...subject, organisationId: null }, counts);
}

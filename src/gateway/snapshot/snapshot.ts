import { Injectable } from '@nestjs/common';
import { Actor } from '../../kernel/actor.js';
import { PriceBook } from '../../quotas/prices/price-book.js';
import { KeyFacts, StandingReader } from '../standing.js';
import { StopRow } from '../standing-sql.js';
import { KeptSecret, KeyTable, SecretRow, tellsOf } from './key-table.js';

/** What is known of the secret of a key: its facts, that nobody issued it, or that the copy cannot tell at that instant. */
export type Found = KeyFacts | 'not_issued' | 'cannot_tell';

const none: readonly StopRow[] = [];

/** All that decisions stand on, but for what is left of quotas. */
export interface Contents {
  keys: KeyTable;
  stops: readonly StopRow[];
  gateways: ReadonlyMap<string, Actor>;
  prices: PriceBook;
}

/**
 * The copy in memory of every standing fact that a decision needs. It answers at once and asks nobody, for what is there
 * and for what is not. How old it may be is for `Freshness` to say; the keeper of the snapshot writes to it, nobody else.
 */
@Injectable()
export class Snapshot {
  private keys: KeyTable | null = null;
  private stops = new Map<string, readonly StopRow[]>();
  private gateways: ReadonlyMap<string, Actor> = new Map();
  private book = new PriceBook([]);
  /** The ids of keys of which it does not hold what is right now. */
  private readonly doubted = new Set<string>();
  /** Whether changes reached keys that are not all read. */
  private unread = false;

  constructor(private readonly standing: StandingReader) {}

  /** Whether it was ever complete. */
  get loaded(): boolean {
    return this.keys !== null;
  }

  /** How many keys it holds. */
  get size(): number {
    return this.keys?.size ?? 0;
  }

  /** All prices. */
  get prices(): PriceBook {
    return this.book;
  }

  /**
   * What is known, for a decision at an instant, of the key whose secret has this SHA-256 (hex). It cannot tell before it
   * is loaded, nor for an instant on the other side of a beginning of a version or of a roster entry; such a key is read
   * anew within a second. Whoever presented the secret must still be held to the public id that it names.
   */
  find(hash: string, at: Date): Found {
    if (!this.keys) return 'cannot_tell';
    const secret = this.keys.get(hash);
    // What was issued just now may belong to a key that is yet to be read.
    if (!secret) return this.unread ? 'cannot_tell' : 'not_issued';
    if (this.doubted.has(secret.row.keyId)) return 'cannot_tell';
    if (tellsOf(secret, at)) return this.factsOf(secret, at);
    this.doubted.add(secret.row.keyId);
    return 'cannot_tell';
  }

  /** The gateway in good standing behind the hash (hex) of a credential; null when there is none. */
  gateway(hash: string): Actor | null {
    return this.gateways.get(hash) ?? null;
  }

  /** Whether there are keys of which it tells nothing until they are read anew. */
  get doubtful(): boolean {
    return this.doubted.size > 0;
  }

  /** Some of those keys. */
  someDoubted(max: number): string[] {
    return this.doubted.values().take(max).toArray();
  }

  /** Tells nothing of some keys until they are read anew. */
  doubt(keyIds: readonly string[]): void {
    for (const id of keyIds) this.doubted.add(id);
    this.unread ||= keyIds.length > 0;
  }

  /** Replaces all that is given, at once. An organisation whose stops are as they were keeps what was made of them. */
  replace({ keys, stops, gateways, prices }: Partial<Contents>): void {
    if (keys) this.startOver(keys);
    this.gateways = gateways ?? this.gateways;
    this.book = prices ?? this.book;
    if (!stops) return;
    const fresh = Map.groupBy(stops, ({ organisationId }) => organisationId);
    this.stops = new Map([...fresh].map(([id, own]) => [id, sameStops(this.stops.get(id), own)]));
  }

  /** The hashes of the secrets that it knows of some keys. */
  hashesOf(keyIds: readonly string[]): string[] {
    return this.keys?.hashesOf(keyIds) ?? [];
  }

  /** Replaces all that is known of some keys by what was read of them as of an instant. */
  replaceKeys(keyIds: readonly string[], rows: readonly SecretRow[], readAt: Date): void {
    this.keys?.remove(keyIds);
    this.keys?.add(rows, readAt);
    for (const id of keyIds) this.doubted.delete(id);
    if (this.doubted.size === 0) this.unread = false;
  }

  private startOver(keys: KeyTable): void {
    this.keys = keys;
    this.doubted.clear();
    this.unread = false;
  }

  private factsOf(secret: KeptSecret, at: Date): KeyFacts {
    const stops = this.stops.get(secret.row.organisationId) ?? none;
    const { made } = secret;
    // A stop that was read is in force whatever the clock says, so facts that have it begin later are made again.
    if (made?.stops === stops && !made.facts.standing.suspensions.some(({ from }) => from > at)) return made.facts;
    const facts = this.standing.factsOf(secret.row, stops, at);
    secret.made = { facts, stops };
    return facts;
  }
}

/** The stops as they were, where they are the same. */
function sameStops(before: readonly StopRow[] | undefined, now: readonly StopRow[]): readonly StopRow[] {
  return before && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

import { Actor } from '../../kernel/actor.js';
import { PriceBook } from '../../quotas/prices/price-book.js';
import { KeyFacts } from '../standing.js';

/** What decisions stand on, in memory. */
export abstract class Snapshot {
  abstract readonly prices: PriceBook;
  /** The facts of a key; null for one that nobody issued, undefined when it cannot be told at that instant. */
  abstract find(hash: string, at: Date): KeyFacts | null | undefined;
  /** The gateway of a credential; null for one that is none in good standing. */
  abstract gateway(credential: string): Actor | null;
}

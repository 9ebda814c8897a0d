import { Injectable } from '@nestjs/common';
import { second } from '../../kernel/clock.js';
import { allPrices } from '../../quotas/prices/prices.js';
import { readingOneMoment } from '../nodes/node-connection.js';
import { Queries } from '../standing.js';
import { Change, isKnown } from './causes.js';
import { Contents, Snapshot } from './snapshot.js';
import { pageMax, SnapshotReader } from './snapshot-reader.js';

/** How long keys are read at a stretch before it is asked again what else has changed, in milliseconds. */
const stretch = second / 2;

/** Fills the snapshot, and brings it up to date with changes. */
@Injectable()
export class SnapshotFiller {
  constructor(
    private readonly snapshot: Snapshot,
    private readonly reader: SnapshotReader,
  ) {}

  /** Whether there are keys to read anew. */
  get behind(): boolean {
    return this.snapshot.doubtful;
  }

  /** Reads everything as of one moment; tells the number of the last change that is in it. */
  async fill(queries: Queries): Promise<number> {
    return readingOneMoment(queries, async () => {
      const [{ position }] = await queries.query<[{ position: number }]>(
        'SELECT coalesce(max(seq), 0) AS position FROM change_log',
      );
      this.snapshot.replace(await this.reader.everything(queries));
      return position;
    });
  }

  /**
   * Applies every change after a position, as of one moment, and calls once it did, with the number of the last one: from
   * then on the snapshot says nothing that is out of date, for it tells nothing of the keys that were reached until they
   * are read anew. Then it reads of them as many as it can in half a second, so that a change that reaches very many keys
   * keeps neither the node from its proofs nor its questions from being answered. False where a change makes out of date
   * nobody knows what.
   */
  async apply(queries: Queries, position: number, applied: (position: number) => void): Promise<boolean> {
    return readingOneMoment(queries, async () => {
      const changes = await this.reader.changesAfter(queries, position);
      if (!changes.every(isKnown)) return false;
      const keyIds = await this.outOfDate(queries, changes);
      const others = await this.readOthers(queries, new Set(changes.map(({ cause }) => cause)));
      // At once, so that nobody sees a change of several things in half.
      this.snapshot.doubt(keyIds);
      this.snapshot.replace(others);
      applied(changes.at(-1)?.seq ?? position);
      await this.readDoubted(queries);
      return true;
    });
  }

  private async outOfDate(queries: Queries, changes: readonly Change[]): Promise<string[]> {
    // A secret that was given to another key names in the log the key that had it.
    const former = changes.filter(({ cause }) => cause === 'key_secret').map(({ entityId }) => entityId);
    const holders = former.length > 0 ? await this.reader.holdersOf(queries, this.snapshot.hashesOf(former)) : [];
    return [...(await this.reader.reached(queries, changes)), ...holders];
  }

  private async readOthers(queries: Queries, causes: ReadonlySet<string>): Promise<Partial<Contents>> {
    return {
      ...(causes.has('suspension') && { stops: await this.reader.stops(queries) }),
      ...(causes.has('gateway_credential') && { gateways: await this.reader.gateways(queries) }),
      ...(causes.has('model_price') && { prices: await allPrices(queries) }),
    };
  }

  private async readDoubted(queries: Queries): Promise<void> {
    const until = performance.now() + stretch;
    while (this.snapshot.doubtful && performance.now() < until) {
      const ids = this.snapshot.someDoubted(pageMax);
      const { rows, at } = await this.reader.secretsOf(queries, ids);
      this.snapshot.replaceKeys(ids, rows, at);
    }
  }
}

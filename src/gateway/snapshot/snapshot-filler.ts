import { Injectable } from '@nestjs/common';
import { allPrices } from '../../quotas/prices/prices.js';
import { readingOneMoment } from '../nodes/node-connection.js';
import { Change } from '../nodes/node-registry.js';
import { Queries } from '../standing.js';
import { Snapshot } from './snapshot.js';
import { SnapshotReader } from './snapshot-reader.js';

/** Fills the snapshot, and brings it up to date with changes. */
@Injectable()
export class SnapshotFiller {
  constructor(
    private readonly snapshot: Snapshot,
    private readonly reader: SnapshotReader,
  ) {}

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
   * Reads anew what changes reach, and the keys that the snapshot could not tell of. While that is under way it tells
   * nothing of those keys: else a change of several things at once might be seen in half.
   */
  async apply(queries: Queries, changes: readonly Change[]): Promise<void> {
    const due = this.snapshot.takeDue();
    if (changes.length === 0 && due.length === 0) return;
    await readingOneMoment(queries, async () => {
      const reached = await this.reader.reached(queries, changes);
      const keyIds = [...new Set([...reached, ...due])];
      this.snapshot.doubt(keyIds);
      await this.readKeys(queries, keyIds);
      await this.readOthers(queries, new Set(changes.map(({ cause }) => cause)));
    });
    this.snapshot.trust();
  }

  private async readKeys(queries: Queries, keyIds: readonly string[]): Promise<void> {
    const pages = this.reader.secretsOf(queries, keyIds, (ids) => this.snapshot.hashesOf(ids));
    for await (const { ids, rows, at } of pages) this.snapshot.replaceKeys(ids, rows, at);
  }

  private async readOthers(queries: Queries, causes: ReadonlySet<string>): Promise<void> {
    if (causes.has('suspension')) this.snapshot.replaceStops(await this.reader.stops(queries));
    if (causes.has('gateway_credential')) this.snapshot.replaceGateways(await this.reader.gateways(queries));
    if (causes.has('model_price')) this.snapshot.replacePrices(await allPrices(queries));
  }
}

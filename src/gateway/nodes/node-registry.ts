import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Queries } from '../standing.js';

/** What a beat is answered with. */
export interface Beat {
  /** The number of the newest change; 0 where there is none. */
  newest: number;
  /** Whether the node is entered. */
  entered: boolean;
  liveNodes: number;
}

const noteSql = `
  UPDATE gateway_node SET seen_at = clock_timestamp(), position = $2 WHERE id = $1 AND left_at IS NULL RETURNING id`;

const newsSql = `
  SELECT (SELECT coalesce(max(seq), 0) FROM change_log) AS newest,
    (SELECT count(*)::integer + 1 FROM gateway_node
     WHERE id <> $1 AND left_at IS NULL AND seen_at > clock_timestamp() - interval '5 seconds') AS "liveNodes"`;

/** This process among the nodes that decide. All its instants are by the clock of the database. */
@Injectable()
export class NodeRegistry {
  /** Names this process; another start is another node. */
  readonly id: string = randomUUID();
  private live = 1;

  /** How many nodes there are, this one included: entered, not left, and heard of within five seconds of the last beat. */
  liveNodes(): number {
    return this.live;
  }

  /** Enters the node, at the position that it has applied. */
  async join(queries: Queries, position: number): Promise<void> {
    await queries.query(
      `INSERT INTO gateway_node (id, name, started_at, seen_at, position)
       VALUES ($1, $2, clock_timestamp(), clock_timestamp(), $3)
       ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, position = excluded.position, left_at = NULL`,
      [this.id, `${hostname()}:${process.pid}`, position],
    );
  }

  /**
   * Tells that the node lives and what it has applied, and asks whether anything follows. These are two statements, and
   * the first is committed before the second reads: whoever sees a change that the second did not see then sees the first
   * as well, and so knows how long this node may still decide without that change. In one statement the change could be
   * committed and looked up while the note was not to be seen yet.
   */
  async beat(queries: Queries, position: number): Promise<Beat> {
    const noted = await queries.query<object[]>(noteSql, [this.id, position]);
    const [news] = await queries.query<[Omit<Beat, 'entered'>]>(newsSql, [this.id]);
    this.live = news.liveNodes;
    return { ...news, entered: noted.length > 0 };
  }

  /** Writes down that everything up to a position is applied; call it after it is. */
  async receive(queries: Queries, position: number): Promise<void> {
    await queries.query(
      `INSERT INTO node_receipt (node_id, position, applied_at) VALUES ($1, $2, clock_timestamp())
       ON CONFLICT DO NOTHING`,
      [this.id, position],
    );
  }

  /** Tells that the node stops in order, so that nobody waits for it. */
  async leave(queries: Queries): Promise<void> {
    await queries.query('UPDATE gateway_node SET left_at = clock_timestamp() WHERE id = $1 AND left_at IS NULL', [
      this.id,
    ]);
  }
}

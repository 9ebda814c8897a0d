import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { second } from '../../kernel/clock.js';
import { Queries } from '../standing.js';

/** The name of its connection, by which an operator finds it in `pg_stat_activity`. */
export const nodeConnectionName = 'parley listens';

/** How long a statement may go unanswered before the connection counts as lost, in milliseconds: silence is a loss. */
const answerMax = 4 * second;

/**
 * A gateway node's own connection: it waits for `NOTIFY parley_change`, and the node keeps its copy of what stands over
 * it, so that a busy pool never keeps a node from its proof. One task at a time uses it.
 */
@Injectable()
export class NodeConnection {
  private client: Client | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly database: DataSource) {}

  /**
   * Calls whenever a change was committed. It only makes news quicker: whoever needs them looks for themselves every
   * second, so a notification that is lost loses nothing.
   */
  onNews(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Runs queries over it, connecting first where it is not connected. After any failure it connects anew. */
  async use<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const client = this.client ?? (await this.connect());
    try {
      return await work({
        query: async <R>(sql: string, values?: unknown[]) => (await client.query(sql, values)).rows as R,
      });
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  /** Lets the connection go. */
  stop(): void {
    if (this.client) this.drop(this.client);
  }

  private async connect(): Promise<Client> {
    const { url, extra } = this.database.options as { url?: string; extra?: { options?: string } };
    const client = new Client({
      connectionString: url,
      options: extra?.options,
      application_name: nodeConnectionName,
      connectionTimeoutMillis: answerMax,
      query_timeout: answerMax,
    });
    // A loss shows in nothing but this.
    client.on('error', () => this.drop(client)).on('end', () => this.drop(client));
    client.on('notification', () => {
      for (const listener of this.listeners) listener();
    });
    try {
      await client.connect();
      await client.query('LISTEN parley_change');
    } catch (error) {
      this.drop(client);
      throw error;
    }
    this.client = client;
    return client;
  }

  private drop(client: Client): void {
    if (this.client === client) this.client = null;
    void client.end().catch(() => undefined);
  }
}

/** Runs queries that only read and that all see one moment. Where it fails, the connection is not to be used on. */
export async function readingOneMoment<T>(queries: Queries, work: () => Promise<T>): Promise<T> {
  await queries.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const result = await work();
  await queries.query('COMMIT');
  return result;
}

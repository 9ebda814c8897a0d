import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** One quota as the database holds it at one moment. */
export interface LedgerState {
  limit: number;
  leased: number;
  used: number;
  overrun: number;
  /** What nodes have on loan and did not write down as spent; in quarantine or not. */
  onLoan: number;
  quarantined: number;
  /** To how many nodes something was ever lent. */
  lentTo: number;
  /** What decisions that are written and not settled reserved. */
  unsettled: number;
}

/** Looks at a quota of one agreement over a connection of its own, again and again. */
export class LedgerWatch {
  /** How often it looked, and the most that was ever counted against the limit. */
  samples = 0;
  most = 0;
  private watching: Promise<void> | null = null;
  private over = false;

  private constructor(
    private readonly client: Client,
    private readonly quotaId: string,
  ) {}

  static async over(databaseUrl: string, quotaId: string): Promise<LedgerWatch> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    return new LedgerWatch(client, quotaId);
  }

  /** What is in the ledger now, read in one statement; all zero before anything was asked for. */
  async look(): Promise<LedgerState> {
    const { rows } = await this.client.query<Record<keyof LedgerState, string>>(stateSql, [this.quotaId]);
    const entries = Object.entries(rows[0] ?? nothing).map(([name, count]) => [name, Number(count)]);
    return Object.fromEntries(entries) as LedgerState;
  }

  /** Looks every few milliseconds until it is told to stop. */
  start(): void {
    this.watching = (async () => {
      while (!this.over) {
        const { rows } = await this.client.query<{ counted: string }>(countedSql, [this.quotaId]);
        this.samples += 1;
        this.most = Math.max(this.most, Number(rows[0]?.counted ?? 0));
        await sleep(5);
      }
    })();
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.watching;
    await this.client.end();
  }
}

const nothing = { limit: 0, leased: 0, used: 0, overrun: 0, onLoan: 0, quarantined: 0, lentTo: 0, unsettled: 0 };

const countedSql = 'SELECT leased + used + overrun AS counted FROM quota_window WHERE quota_id = $1';

const stateSql = `
  SELECT w."limit", w.leased, w.used, w.overrun,
    coalesce((SELECT sum(granted - spent) FROM quota_lease WHERE window_id = w.id AND state <> 'closed'), 0) AS "onLoan",
    coalesce((SELECT sum(granted - spent) FROM quota_lease WHERE window_id = w.id AND state = 'quarantined'), 0)
      AS quarantined,
    (SELECT count(DISTINCT node_id) FROM quota_lease WHERE window_id = w.id) AS "lentTo",
    coalesce((SELECT sum(d.reserved[array_position(d.window_ids, w.id)]) FROM decision_record d
      WHERE w.id = ANY(d.window_ids) AND d.code = 'allowed' AND d.settled_at IS NULL), 0) AS unsettled
  FROM quota_window w WHERE w.quota_id = $1`;

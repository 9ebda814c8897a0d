import { Stage } from './stage.js';

/** A quota window as the ledger really holds it. */
export interface StoredWindow {
  quota: string;
  subject: string;
  startsAt: Date;
  limit: number;
  leased: number;
  used: number;
  overrun: number;
}

/** Every window of a stage's ledger, read behind the application's back. */
export async function windowsIn(stage: Stage): Promise<StoredWindow[]> {
  const rows = await stage.sql<Record<string, string> & { startsAt: Date }>(
    `SELECT quota_id AS quota, subject, starts_at AS "startsAt", "limit", leased, used, overrun FROM quota_window
     ORDER BY quota_id, subject, starts_at`,
  );
  return rows.map((row) => ({
    quota: row.quota!,
    subject: row.subject!,
    startsAt: row.startsAt,
    limit: Number(row.limit),
    leased: Number(row.leased),
    used: Number(row.used),
    overrun: Number(row.overrun),
  }));
}

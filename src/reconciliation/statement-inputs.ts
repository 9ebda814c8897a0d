import { EntityManager } from 'typeorm';
import { lentSql } from '../quotas/leases/lent.js';
import { StatementEvent, StatementFacts } from './statement.js';

/** Which events a statement covers: those of its period, and late ones of earlier periods that no statement covers. */
export interface Coverage {
  agreementId: string;
  startsAt: Date;
  endsAt: Date;
  lastBatch: number;
  /** The statement before; null for the first. */
  previous: { endsAt: Date; lastBatch: number } | null;
}

const fetched = 5_000;

const covered = `e.agreement_id = $1 AND e.batch <= $2 AND e.time < $3
  AND (e.batch > $4 OR e.time >= coalesce($5, '-infinity'::timestamptz))`;

function parametersOf({ agreementId, lastBatch, endsAt, previous }: Coverage): unknown[] {
  return [agreementId, lastBatch, endsAt, previous?.lastBatch ?? 0, previous?.endsAt ?? null];
}

/** The events that a statement covers, in the order of its Merkle tree, through a cursor: memory stays bounded. */
export async function* readEvents(manager: EntityManager, coverage: Coverage): AsyncGenerator<StatementEvent> {
  await manager.query(
    `DECLARE statement_events NO SCROLL CURSOR FOR
     SELECT e.source, e.event_id AS id, e.time, k.public_id AS key, e.campaign_id AS campaign, e.purpose,
       e.agreement_version AS version, e.model, e.served_model, e.endpoint, e.input_tokens, e.output_tokens, e.status,
       e.client_ip, e.authorization_state AS "authorization"
     FROM usage_event e JOIN api_key k ON k.id = e.key_id
     WHERE ${covered} ORDER BY e.source COLLATE "C", e.event_id COLLATE "C"`,
    parametersOf(coverage),
  );
  for (;;) {
    const rows: (Omit<StatementEvent, 'time'> & { time: Date })[] = await manager.query(
      `FETCH ${fetched} FROM statement_events`,
    );
    for (const row of rows) yield { ...row, time: row.time.toISOString() };
    if (rows.length < fetched) break;
  }
  await manager.query('CLOSE statement_events');
}

/** The facts that a period is judged by, as they stand in this transaction. */
export async function readFacts(manager: EntityManager, coverage: Coverage): Promise<StatementFacts> {
  const { agreementId, startsAt, endsAt } = coverage;
  const versions: (Omit<StatementFacts['versions'][number], 'executedAt'> & { executedAt: Date })[] =
    await manager.query(
      `SELECT number, digest, executed_at AS "executedAt", terms FROM agreement_version
     WHERE agreement_id = $1 ORDER BY number`,
      [agreementId],
    );
  const keys: (Omit<StatementFacts['keys'][number], 'revokedAt'> & { revokedAt: Date | null })[] = await manager.query(
    `SELECT k.public_id AS key, c.id AS campaign, c.purpose, k.revoked_at AS "revokedAt"
     FROM api_key k JOIN campaign c ON c.id = k.campaign_id WHERE k.agreement_id = $1 ORDER BY k.public_id COLLATE "C"`,
    [agreementId],
  );
  const agreements: { endedAt: Date | null }[] = await manager.query(
    'SELECT ended_at AS "endedAt" FROM agreement WHERE id = $1',
    [agreementId],
  );
  return {
    endedAt: agreements[0]?.endedAt?.toISOString() ?? null,
    versions: versions.map((version) => ({ ...version, executedAt: version.executedAt.toISOString() })),
    keys: keys.map((key) => ({ ...key, revokedAt: key.revokedAt?.toISOString() ?? null })),
    windows: await readWindows(manager, coverage),
    conflicts: await readConflicts(manager, coverage),
    decisions: await readDecisions(manager, { agreementId, startsAt, endsAt }),
    unreported: await readUnreported(manager, { agreementId, startsAt, endsAt }),
  };
}

/**
 * Of each window that slides, the fullest stretch of its own length that ended within the period: whole buckets that
 * together are exactly as long, so that what exceeds the limit in them did exceed it.
 */
const fullest = `(
  SELECT DISTINCT ON (w.id) w.quota_id COLLATE "C", w.measure COLLATE "C", w.subject COLLATE "C",
    b.starts_at + u.length / 60 - u.length, b.starts_at + u.length / 60, w.hard, w."limit", true, s.used, s.leased,
    0::bigint, 0::bigint
  FROM quota_window w
  JOIN quota_bucket b ON b.window_id = w.id
  CROSS JOIN LATERAL (SELECT CASE w.unit WHEN 'minute' THEN interval '1 minute' WHEN 'hour' THEN interval '1 hour'
    WHEN 'day' THEN interval '24 hours' ELSE interval '168 hours' END AS length) u
  CROSS JOIN LATERAL (SELECT sum(p.used - p.assumed)::bigint AS used, sum(p.leased + p.assumed)::bigint AS leased
    FROM quota_bucket p
    WHERE p.window_id = w.id AND p.starts_at > b.starts_at - u.length AND p.starts_at <= b.starts_at) s
  WHERE w.agreement_id = $1 AND b.starts_at + u.length / 60 > $2 AND b.starts_at + u.length / 60 <= $3
  ORDER BY w.id, s.used DESC, b.starts_at)`;

/**
 * What is only assumed to be used was reserved and never reported, and so it is shown: a statement counts reports. What
 * nodes hold is told apart from what admissions reserved.
 */
async function readWindows(manager: EntityManager, { agreementId, startsAt, endsAt }: Coverage) {
  const rows: (StatementFacts['windows'][number] & { startsAt: Date; endsAt: Date })[] = await manager.query(
    `SELECT quota_id COLLATE "C" AS quota, measure COLLATE "C" AS metric, subject COLLATE "C", starts_at AS "startsAt", ends_at AS "endsAt", hard, "limit",
       ends_at <= $3 AS ended, used + overrun - assumed AS used, leased - lent - quarantined + assumed AS reserved,
       lent, quarantined
     FROM quota_window w CROSS JOIN ${lentSql} WHERE agreement_id = $1 AND starts_at < $3 AND ends_at > $2 AND unit IS NULL
     UNION ALL ${fullest}
     ORDER BY quota, subject, "startsAt", metric`,
    [agreementId, startsAt, endsAt],
  );
  return rows.map((row) => ({
    ...row,
    startsAt: (row.startsAt as Date).toISOString(),
    endsAt: (row.endsAt as Date).toISOString(),
  }));
}

async function readConflicts(manager: EntityManager, coverage: Coverage): Promise<StatementFacts['conflicts']> {
  const rows: { source: string; id: string; digest: Buffer }[] = await manager.query(
    `SELECT e.source, e.event_id AS id, e.digest FROM usage_conflict e
     WHERE ${covered} ORDER BY e.source COLLATE "C", e.event_id COLLATE "C", e.digest`,
    parametersOf(coverage),
  );
  return rows.map(({ digest, ...row }) => ({ ...row, digest: `sha-256:${digest.toString('hex')}` }));
}

type Within = Pick<Coverage, 'agreementId' | 'startsAt' | 'endsAt'>;

async function readDecisions(manager: EntityManager, { agreementId, startsAt, endsAt }: Within) {
  const rows: { code: string; count: number }[] = await manager.query(
    `SELECT code, sum(repeated)::bigint AS count FROM decision_record
     WHERE agreement_id = $1 AND at >= $2 AND at < $3 GROUP BY code ORDER BY code`,
    [agreementId, startsAt, endsAt],
  );
  return Object.fromEntries(rows.map(({ code, count }) => [code, count]));
}

function readUnreported(manager: EntityManager, { agreementId, startsAt, endsAt }: Within) {
  return manager.query<StatementFacts['unreported']>(
    `SELECT k.public_id AS key, count(*) AS admissions FROM decision_record d JOIN api_key k ON k.id = d.key_id
     WHERE d.agreement_id = $1 AND d.at >= $2 AND d.at < $3 AND d.code = 'allowed' AND d.settled_at IS NULL
     GROUP BY 1 ORDER BY 1`,
    [agreementId, startsAt, endsAt],
  );
}

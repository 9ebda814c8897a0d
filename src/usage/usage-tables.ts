import { EntityManager } from 'typeorm';
import { QuotaSlice } from '../campaigns/quota-slices.js';
import { withoutKeys } from '../keys/key-string.js';
import { ScopedSlice, slicesOf } from '../quotas/windows.js';
import { UsageEvent } from './usage-event.js';

/** How an event stands to the authorization it cites. */
export type AuthorizationState = 'settled' | 'none' | 'unknown' | 'reused' | 'mismatched';

/** What is known of a key when its use is reported. */
export interface KeyOfUse {
  keyId: string;
  publicId: string;
  organisationId: string;
  agreementId: string;
  campaignId: string;
  researcherId: string;
  purpose: string;
  /** The slices of quotas that its campaign and the key keep to. */
  slices: ScopedSlice[];
}

/** One event on its way into the ledger. */
export interface NewUsage {
  event: UsageEvent;
  time: Date;
  digest: Buffer;
  key: KeyOfUse;
  /** The agreement version in force at the event's own time; null outside the term. */
  version: number | null;
  /** The decision that it cites, whether or not there is one; null when it cites none that could be. */
  cited: string | null;
  state: AuthorizationState;
  /** The decision that it is about; null where there is none. */
  decisionId: string | null;
}

export const identityOf = ({ event }: Pick<NewUsage, 'event'>): string => JSON.stringify([event.source, event.id]);

/** The keys that events name, by public id. */
export async function readKeys(manager: EntityManager, publicIds: readonly string[]): Promise<Map<string, KeyOfUse>> {
  const rows: (KeyOfUse & { keyQuotas: QuotaSlice[]; campaignQuotas: QuotaSlice[] })[] = await manager.query(
    `SELECT k.id AS "keyId", k.public_id AS "publicId", k.organisation_id AS "organisationId",
       k.agreement_id AS "agreementId", k.campaign_id AS "campaignId", k.researcher_id AS "researcherId", c.purpose,
       k.quotas AS "keyQuotas", c.quotas AS "campaignQuotas"
     FROM api_key k JOIN campaign c ON c.id = k.campaign_id WHERE k.public_id = ANY($1)`,
    [[...new Set(publicIds)]],
  );
  return new Map(
    rows.map(({ keyQuotas, campaignQuotas, ...key }) => [
      key.publicId,
      { ...key, slices: slicesOf(campaignQuotas, keyQuotas) },
    ]),
  );
}

/** The payload digests of events that are kept already, by identity. */
export async function readDigests(
  manager: EntityManager,
  events: readonly Pick<NewUsage, 'event'>[],
): Promise<Map<string, Buffer>> {
  const rows: { source: string; eventId: string; digest: Buffer }[] = await manager.query(
    `SELECT source, event_id AS "eventId", digest FROM usage_event
     WHERE (source, event_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [events.map(({ event }) => event.source), events.map(({ event }) => event.id)],
  );
  return new Map(rows.map(({ source, eventId, digest }) => [JSON.stringify([source, eventId]), digest]));
}

/** Inserts events and tells how many were new; fewer than given means that another batch was faster with one. */
export async function insertEvents(
  manager: EntityManager,
  batch: number,
  usages: readonly NewUsage[],
): Promise<number> {
  const data = usages.map(({ event }) => event.data);
  const rows: unknown[] = await manager.query(
    `INSERT INTO usage_event (source, event_id, digest, batch, time, key_id, organisation_id, agreement_id,
       agreement_version, campaign_id, purpose, model, served_model, endpoint, run, input_tokens,
       cache_read_input_tokens, cache_creation_input_tokens, output_tokens, reasoning_output_tokens, status, client_ip,
       authorization_state, decision_id)
     SELECT source, event_id, digest, $1, time, key_id, organisation_id, agreement_id, agreement_version, campaign_id,
       purpose, model, served_model, endpoint, run, input_tokens, cache_read, cache_creation, output_tokens, reasoning,
       status, client_ip, state, decision_id
     FROM unnest($2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::uuid[], $7::uuid[], $8::uuid[], $9::int[],
       $10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::bigint[],
       $18::bigint[], $19::bigint[], $20::bigint[], $21::int[], $22::text[], $23::text[], $24::uuid[])
       AS e (source, event_id, digest, time, key_id, organisation_id, agreement_id, agreement_version, campaign_id,
         purpose, model, served_model, endpoint, run, input_tokens, cache_read, cache_creation, output_tokens, reasoning,
         status, client_ip, state, decision_id)
     ON CONFLICT (source, event_id) DO NOTHING RETURNING 1`,
    [
      batch,
      usages.map(({ event }) => event.source),
      usages.map(({ event }) => event.id),
      usages.map(({ digest }) => digest),
      usages.map(({ time }) => time),
      usages.map(({ key }) => key.keyId),
      usages.map(({ key }) => key.organisationId),
      usages.map(({ key }) => key.agreementId),
      usages.map(({ version }) => version),
      usages.map(({ key }) => key.campaignId),
      usages.map(({ key }) => key.purpose),
      data.map(({ model }) => model),
      data.map(({ served_model }) => served_model),
      data.map(({ endpoint }) => endpoint),
      // A client may put its key anywhere.
      data.map(({ run }) => (run ? withoutKeys(run) : null)),
      data.map(({ input_tokens }) => input_tokens),
      data.map(({ cache_read_input_tokens }) => cache_read_input_tokens ?? 0),
      data.map(({ cache_creation_input_tokens }) => cache_creation_input_tokens ?? 0),
      data.map(({ output_tokens }) => output_tokens),
      data.map(({ reasoning_output_tokens }) => reasoning_output_tokens ?? 0),
      data.map(({ status }) => status),
      data.map(({ client_ip }) => client_ip ?? null),
      usages.map(({ state }) => state),
      usages.map(({ decisionId }) => decisionId),
    ],
  );
  return rows.length;
}

/** Keeps events that contradict one kept before; what arrived first stays, and the contradiction becomes a finding. */
export async function insertConflicts(
  manager: EntityManager,
  batch: number,
  conflicts: readonly Pick<NewUsage, 'event' | 'time' | 'digest' | 'key'>[],
): Promise<void> {
  if (conflicts.length === 0) return;
  await manager.query(
    `INSERT INTO usage_conflict (source, event_id, digest, batch, time, organisation_id, agreement_id, payload)
     SELECT source, event_id, digest, $1, time, organisation_id, agreement_id, payload
     FROM unnest($2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::uuid[], $7::uuid[], $8::jsonb[])
       AS c (source, event_id, digest, time, organisation_id, agreement_id, payload)
     ON CONFLICT (source, event_id, digest) DO NOTHING`,
    [
      batch,
      conflicts.map(({ event }) => event.source),
      conflicts.map(({ event }) => event.id),
      conflicts.map(({ digest }) => digest),
      conflicts.map(({ time }) => time),
      conflicts.map(({ key }) => key.organisationId),
      conflicts.map(({ key }) => key.agreementId),
      conflicts.map(({ event }) => JSON.stringify(event)),
    ],
  );
}

/** Adds events to the hour rollup per version, campaign, key, model and purpose; hours are of UTC. */
export async function addToRollups(manager: EntityManager, batch: number): Promise<void> {
  await manager.query(
    `INSERT INTO usage_rollup (agreement_id, agreement_version, campaign_id, key_id, model, purpose, hour,
       organisation_id, requests, input_tokens, output_tokens)
     SELECT agreement_id, coalesce(agreement_version, 0), campaign_id, key_id, served_model, purpose,
       date_trunc('hour', time, 'UTC') AS hour, organisation_id, count(*), sum(input_tokens), sum(output_tokens)
     FROM usage_event WHERE batch = $1
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7
     ON CONFLICT (agreement_id, agreement_version, campaign_id, key_id, model, purpose, hour) DO UPDATE SET
       requests = usage_rollup.requests + excluded.requests,
       input_tokens = usage_rollup.input_tokens + excluded.input_tokens,
       output_tokens = usage_rollup.output_tokens + excluded.output_tokens`,
    [batch],
  );
}

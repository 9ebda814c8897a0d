import { EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Decision } from '../terms/deciding/decision.js';
import { Quota } from '../terms/terms.js';
import { withoutKeys } from '../keys/key-string.js';
import { HeldWindow } from '../quotas/held-window.js';
import { AuthorizationRequest } from './authorization-request.js';
import { KeyFacts } from './standing.js';

/** One question waiting for its decision. */
export interface Question {
  /** The hash of the credential that the gateway presented (hex). */
  credential: string;
  request: AuthorizationRequest;
}

/** A decision with what it stands on. */
export interface Admission {
  /** Names the decision. */
  id: string;
  at: Date;
  /** When windows that slide counted it. */
  countedAt: Date;
  /** As of when everything was known that it stands on. */
  freshAsOf: Date;
  question: Question;
  gateway: Actor;
  facts: KeyFacts | null;
  decision: Decision;
  /** The windows that count this request. */
  windows: CountingWindow[];
  /** What its use cites; null where it was denied. */
  authorization: string | null;
}

/** A window that counts a request, with the room that is left after it. */
export interface CountingWindow {
  window: HeldWindow;
  scope: Quota['scope'];
  resetsAt: Date;
  roomAfter: number;
  /** What the request asks of it; no number at all where no price tells. */
  wanted: number;
  /** What it reserved of it: nothing where it was refused. */
  reserved: number;
  /** The lease that it was taken from; null where it was taken from the window itself. */
  leaseId: string | null;
}

/** What is kept of a decision. */
export interface DecisionRow {
  id: string;
  at: Date;
  countedAt: Date;
  gatewayId: string;
  keyId: string | null;
  agreementId: string | null;
  agreementVersion: number | null;
  model: string;
  endpoint: string;
  address: string | null;
  run: string | null;
  code: string;
  /** As JSON; null for an allowance. */
  reasons: string | null;
  inputTokens: number;
  outputTokens: number;
  windows: { id: string; leaseId: string | null; reserved: number }[];
  holdsPlace: boolean;
  repeated: number;
}

/** What is kept of an admission. */
export function rowOf(admission: Admission): DecisionRow {
  const { id, at, countedAt, question, gateway, facts, decision, windows } = admission;
  const denied = decision.outcome === 'deny';
  return {
    id,
    at,
    countedAt,
    gatewayId: gateway.id,
    ...holderOf(facts),
    ...askedOf(question.request),
    code: decision.code,
    reasons: denied ? JSON.stringify(decision.reasons) : null,
    windows: denied ? [] : windows.map(({ window, leaseId, reserved }) => ({ id: window.id, leaseId, reserved })),
    holdsPlace: !denied && windows.some(({ window }) => window.metric === 'concurrent_requests'),
    repeated: 1,
  };
}

function holderOf(facts: KeyFacts | null) {
  if (facts === null) return { keyId: null, agreementId: null, agreementVersion: null };
  return { keyId: facts.keyId, agreementId: facts.agreementId, agreementVersion: facts.version.number };
}

function askedOf({ model, endpoint, client, run, estimate }: AuthorizationRequest) {
  return {
    model,
    endpoint,
    address: client?.ip ?? null,
    // A client may put its key anywhere.
    run: run ? withoutKeys(run) : null,
    inputTokens: estimate.input_tokens,
    outputTokens: estimate.max_output_tokens,
  };
}

/** Writes decisions, allowed and denied, many in one statement. The ids of those that were not there already. */
export async function writeDecisions(manager: EntityManager, rows: readonly DecisionRow[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const written: { id: string }[] = await manager.query(
    `INSERT INTO decision_record (id, at, counted_at, gateway_id, key_id, agreement_id, agreement_version, model,
       endpoint, address, run, code, reasons, input_tokens, output_tokens, window_ids, reserved, holds_place, repeated)
     SELECT id, at, counted_at, gateway_id, key_id, agreement_id, agreement_version, model, endpoint, address, run, code,
       reasons, input_tokens, output_tokens, window_ids::uuid[], reserved::bigint[], holds_place, repeated
     FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::uuid[], $5::uuid[], $6::uuid[], $7::int[],
       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::bigint[], $15::bigint[],
       $16::text[], $17::text[], $18::boolean[], $19::int[])
       AS d (id, at, counted_at, gateway_id, key_id, agreement_id, agreement_version, model, endpoint, address, run,
         code, reasons, input_tokens, output_tokens, window_ids, reserved, holds_place, repeated)
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [
      ...columns.map((column) => rows.map((row) => row[column])),
      rows.map(({ windows }) => `{${windows.map(({ id }) => id).join(',')}}`),
      rows.map(({ windows }) => `{${windows.map(({ reserved }) => reserved).join(',')}}`),
      rows.map(({ holdsPlace }) => holdsPlace),
      rows.map(({ repeated }) => repeated),
    ],
  );
  return new Set(written.map(({ id }) => id));
}

/** The plain columns, in the order of the statement. */
const columns = [
  'id',
  'at',
  'countedAt',
  'gatewayId',
  'keyId',
  'agreementId',
  'agreementVersion',
  'model',
  'endpoint',
  'address',
  'run',
  'code',
  'reasons',
  'inputTokens',
  'outputTokens',
] as const satisfies (keyof DecisionRow)[];

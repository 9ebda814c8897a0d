import { Ajv } from 'ajv';
import { canonicalJson } from '../kernel/canonical-json.js';
import { day, minute } from '../kernel/clock.js';
import { sha256 } from '../kernel/digests.js';
import { parseInstant } from '../kernel/instants.js';
import { schemaFaults } from '../gateway/authorization-request.js';

/** A usage event: CloudEvents 1.0, `type` `ai.usage.v1`, `subject` the public id of a key. */
export interface UsageEvent {
  specversion: '1.0';
  id: string;
  source: string;
  type: 'ai.usage.v1';
  subject: string;
  time: string;
  data: {
    authorization?: string | null;
    model: string;
    served_model: string;
    endpoint: string;
    run?: string | null;
    input_tokens: number;
    cache_read_input_tokens?: number;
    cache_creation_input_tokens?: number;
    output_tokens: number;
    reasoning_output_tokens?: number;
    status: number;
    client_ip?: string | null;
  };
}

/** One item of a batch: an event with the digest of its payload, or why it cannot be taken. */
export type Item = { event: UsageEvent; time: Date; digest: Buffer } | { rejected: string; id: string; source: string };

const text = { type: 'string', minLength: 1, maxLength: 200 };
const optionalText = { ...text, nullable: true };
const tokens = { type: 'integer', minimum: 0, maximum: 1_000_000_000 };

/** The JSON Schema of an event; OpenAPI shows it and ingestion is compiled from it. */
export const usageEventSchema = {
  type: 'object',
  // CloudEvents allows extension attributes; the payload digest covers them too.
  additionalProperties: true,
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'],
  properties: {
    specversion: { type: 'string', enum: ['1.0'] },
    id: { ...text, description: 'With `source` the identity, for ever. Reuse it when you send again.' },
    source: { ...text, description: 'The gateway, such as `gateway://eu-1`.' },
    type: { type: 'string', enum: ['ai.usage.v1'] },
    subject: { ...text, description: 'The public id of the key.' },
    time: { type: 'string', format: 'instant', description: 'When it was used; ≤ 35 days old, ≤ 5 minutes ahead.' },
    data: {
      type: 'object',
      additionalProperties: false,
      required: ['model', 'served_model', 'endpoint', 'input_tokens', 'output_tokens', 'status'],
      properties: {
        authorization: {
          ...optionalText,
          maxLength: 4_000,
          description: 'The `authorization` of the decision that admitted it.',
        },
        model: { ...text, description: 'The snapshot that was asked for.' },
        served_model: { ...text, description: 'The snapshot that answered.' },
        endpoint: text,
        run: optionalText,
        input_tokens: { ...tokens, description: 'All input tokens, those read from or written to a cache included.' },
        cache_read_input_tokens: tokens,
        cache_creation_input_tokens: tokens,
        output_tokens: { ...tokens, description: 'All output tokens, reasoning included.' },
        reasoning_output_tokens: tokens,
        status: { type: 'integer', minimum: 100, maximum: 599, description: 'The HTTP status of the answer.' },
        client_ip: optionalText,
      },
    },
  },
};

const ajv = new Ajv({ allErrors: true, strict: true });
ajv.addFormat('instant', (value: string) => parseInstant(value) !== null);
const isUsageEvent = ajv.compile<UsageEvent>(usageEventSchema);

/** An escaped NUL of canonical JSON, wherever it stands: PostgreSQL cannot keep one, not even in an extension. */
const holdsNul = /(?<!\\)(?:\\\\)*\\u0000/;

const oldestDays = 35;
const aheadMinutes = 5;

/** Reads one item as it arrived. What is wrong with one never touches the others. */
export function readItem(value: unknown, now: Date): Item {
  const named = nameOf(value);
  if (!isUsageEvent(value)) {
    const faults = schemaFaults(isUsageEvent.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
    return { rejected: faults.join(' '), ...named };
  }
  const canonical = canonicalJson(value);
  if (holdsNul.test(canonical)) return { rejected: 'A text holds a NUL character.', ...named };
  const time = parseInstant(value.time)!;
  const age = now.getTime() - time.getTime();
  if (age > oldestDays * day) return { rejected: `/time: more than ${oldestDays} days old.`, ...named };
  if (age < -aheadMinutes * minute) return { rejected: `/time: more than ${aheadMinutes} minutes ahead.`, ...named };
  return { event: value, time, digest: sha256(canonical) };
}

function nameOf(value: unknown): { id: string; source: string } {
  const { id, source } = (value ?? {}) as { id?: unknown; source?: unknown };
  return { id: typeof id === 'string' ? id : '', source: typeof source === 'string' ? source : '' };
}

import { Ajv, ErrorObject } from 'ajv';
import { Fault } from '../kernel/refusal.js';
import { childPointer } from '../kernel/json-pointer.js';

/** One question of a gateway: may this key do this now? */
export interface AuthorizationRequest {
  /** The whole key, as the client presented it. */
  key: string;
  /** The exact snapshot that will be served. */
  model: string;
  endpoint: string;
  capabilities?: string[];
  /** The evaluation run that the traffic names. */
  run?: string | null;
  /** What will be reserved: input tokens, and the most output tokens that the gateway will let through. */
  estimate: { input_tokens: number; max_output_tokens: number };
  client?: { ip?: string | null; request_id?: string };
}

const text = { type: 'string', format: 'storable', minLength: 1, maxLength: 200 };
const tokens = { type: 'integer', minimum: 0, maximum: 1_000_000_000 };

/** The JSON Schema of `AuthorizationRequest`; OpenAPI shows it and the gateway listener is compiled from it. */
export const authorizationRequestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['key', 'model', 'endpoint', 'estimate'],
  properties: {
    key: { ...text, description: 'The whole key, as the client presented it.' },
    model: { ...text, description: 'The exact snapshot that will be served.', example: 'atlas-2-2026-03-01' },
    endpoint: { ...text, description: 'The endpoint, as the terms name it.', example: 'messages' },
    capabilities: {
      type: 'array',
      maxItems: 50,
      uniqueItems: true,
      items: text,
      description: 'Capabilities that the request uses; none means `sampling` alone.',
    },
    run: { ...text, nullable: true, description: 'The evaluation run that the traffic names.' },
    estimate: {
      type: 'object',
      additionalProperties: false,
      required: ['input_tokens', 'max_output_tokens'],
      description: 'What is reserved until the usage event settles it.',
      properties: { input_tokens: tokens, max_output_tokens: tokens },
    },
    client: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ip: { ...text, nullable: true, description: 'The client’s address.' },
        request_id: text,
      },
    },
  },
};

const ajv = new Ajv({ allErrors: true, strict: true });
ajv.addKeyword('example');
// A text that PostgreSQL cannot keep would take down the whole batch that it is decided in.
ajv.addFormat('storable', (value: string) => value.isWellFormed() && !value.includes('\0'));
const check = ajv.compile<AuthorizationRequest>(authorizationRequestSchema);

/** The request, or every fault of it. */
export function readAuthorizationRequest(body: unknown): AuthorizationRequest | Fault[] {
  return check(body) ? body : schemaFaults(check.errors ?? []);
}

/** Schema errors as faults with pointers. */
export function schemaFaults(errors: readonly ErrorObject[]): Fault[] {
  return errors.map((error) => {
    const params = error.params as { additionalProperty?: string; missingProperty?: string };
    const name = params.additionalProperty ?? params.missingProperty;
    return {
      pointer: name === undefined ? error.instancePath : childPointer(error.instancePath, name),
      code: codes[error.keyword] ?? 'field.wrong',
      detail: `${error.message ?? 'This is wrong'}.`,
    };
  });
}

const codes: Record<string, string> = { additionalProperties: 'field.unknown', required: 'field.missing' };

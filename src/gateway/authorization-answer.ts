import { DENY_CODES } from '../terms/deciding/decision.js';
import { Admission } from './journal.js';
import { KeyFacts } from './standing.js';

/** The answer to a gateway. It is 200 for every decision, so that "your call failed" is never mistaken for "no". */
export function authorizationAnswer({ freshAsOf, facts, decision, windows, authorization }: Admission): object {
  return {
    decision: decision.outcome,
    code: decision.code,
    authorization,
    ...keyAnswer(facts),
    limits: windows.map(({ window, scope, resetsAt, roomAfter }) => ({
      quota: window.quotaId,
      scope,
      currency: window.currency,
      limit: window.limit,
      remaining: roomAfter,
      resets_at: textOf(resetsAt),
    })),
    reasons: decision.reasons,
    fresh_as_of: textOf(freshAsOf),
  };
}

const instants = new Map<number, string>();
const instantsMax = 1_000;

/** An instant as text. The same few are told over and over, and writing one out is slow. */
function textOf(at: Date): string {
  const millisecond = at.getTime();
  let text = instants.get(millisecond);
  if (text === undefined) {
    text = at.toISOString();
    if (instants.size >= instantsMax) instants.clear();
    instants.set(millisecond, text);
  }
  return text;
}

function keyAnswer(facts: KeyFacts | null): object {
  if (!facts) return { key_id: null, agreement_id: null, agreement_version: null, campaign_id: null, purpose: null };
  return {
    key_id: facts.publicId,
    agreement_id: facts.agreementId,
    agreement_version: facts.version.number,
    campaign_id: facts.campaignId,
    purpose: facts.purpose,
  };
}

const text = { type: 'string' };
const orNull = (schema: object) => ({ ...schema, nullable: true });

/** The shape of that answer, for OpenAPI. */
export const authorizationAnswerSchema = {
  type: 'object',
  required: ['decision', 'code', 'authorization', 'limits', 'reasons', 'fresh_as_of'],
  properties: {
    decision: { type: 'string', enum: ['allow', 'deny', 'review'], description: '`review` allows, and is looked at.' },
    code: { type: 'string', enum: ['allowed', ...DENY_CODES] },
    authorization: orNull({ ...text, description: 'Opaque. The usage event cites it; null when denied.' }),
    key_id: orNull({ ...text, description: 'The public part of the key.' }),
    agreement_id: orNull(text),
    agreement_version: orNull({ type: 'integer' }),
    campaign_id: orNull(text),
    purpose: orNull(text),
    limits: {
      type: 'array',
      items: {
        type: 'object',
        required: ['quota', 'scope', 'currency', 'limit', 'remaining', 'resets_at'],
        properties: {
          quota: text,
          scope: {
            ...text,
            enum: ['agreement', 'campaign', 'researcher', 'key'],
            description: 'Whose use is counted together; a slice of a quota counts for its campaign or key.',
          },
          currency: orNull({
            ...text,
            description: 'For spend its currency, ISO 4217; limit and remaining are then in micro-units of it.',
          }),
          limit: { type: 'integer', format: 'int64' },
          remaining: { type: 'integer', format: 'int64' },
          resets_at: {
            type: 'string',
            format: 'date-time',
            description: 'By when the whole limit is there again, if nothing more is used.',
          },
        },
      },
    },
    reasons: {
      type: 'array',
      items: {
        type: 'object',
        properties: { clauseRef: text, rule: text, expected: text, observed: text },
      },
    },
    fresh_as_of: {
      type: 'string',
      format: 'date-time',
      description: 'As of when everything behind the decision was known.',
    },
  },
};

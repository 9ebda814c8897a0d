import { Fault } from '../kernel/refusal.js';
import { day } from '../kernel/clock.js';
import { parseNetwork } from '../kernel/networks.js';
import { Terms } from '../terms/terms.js';
import { covers } from '../terms/purposes.js';

/** What a key would be allowed. */
interface KeyScope {
  models: readonly string[];
  capabilities: readonly string[];
  endpoints: readonly string[];
  networks: readonly string[] | null;
  expiresAt: Date;
}

/** The campaign that a key would belong to. */
interface Frame {
  purpose: string;
  models: readonly string[];
  endsAt: Date;
}

/** Every way in which a key's scope leaves its campaign or the terms, each with the clause. */
export function scopeFaults(terms: Terms, campaign: Frame, scope: KeyScope, at: Date): Fault[] {
  return [
    ...beyond('/models', scope.models, campaign.models, 'the campaign'),
    ...beyond('/capabilities', scope.capabilities, terms.scope.capabilities, `clause ${terms.scope.clauseRef}`),
    ...beyond('/endpoints', scope.endpoints, terms.scope.endpoints, `clause ${terms.scope.clauseRef}`),
    ...networkFaults(scope.networks ?? []),
    ...expiryFaults(terms, campaign, scope.expiresAt, at),
  ];
}

/** Whether the terms approve such a key without the lab. */
export function clearedByTerms({ keys }: Terms, campaign: Frame, expiresAt: Date, at: Date): boolean {
  if (keys.autoApprove === null) return false;
  const { maxLifetimeDays, purposes } = keys.autoApprove;
  const shortEnough = expiresAt.getTime() - at.getTime() <= maxLifetimeDays * day;
  return shortEnough && purposes.some((purpose) => covers(purpose, campaign.purpose));
}

function beyond(pointer: string, asked: readonly string[], allowed: readonly string[], by: string): Fault[] {
  return asked.flatMap((one, at) => {
    const detail = `${one} is not allowed by ${by}.`;
    const fault = { pointer: `${pointer}/${at}`, code: 'beyond_scope', detail, expected: `of: ${allowed.join(', ')}` };
    return allowed.includes(one) ? [] : [fault];
  });
}

// Whether a network lies within the agreement's is decided at each request, where both lists must let it in.
function networkFaults(networks: readonly string[]): Fault[] {
  return networks.flatMap((text, at) => {
    const expected = 'a CIDR block such as 192.0.2.0/24, without host bits';
    const fault = { pointer: `/networks/${at}`, code: 'field.wrong', detail: `${text} is no network.`, expected };
    return parseNetwork(text) ? [] : [fault];
  });
}

function expiryFaults({ keys, term }: Terms, campaign: Frame, expiresAt: Date, at: Date): Fault[] {
  const latest = Math.min(
    at.getTime() + keys.maxLifetimeDays * day,
    campaign.endsAt.getTime(),
    new Date(term.expiresAt).getTime(),
  );
  if (expiresAt > at && expiresAt.getTime() <= latest) return [];
  const expected = `after now and at most ${new Date(latest).toISOString()}`;
  const detail = `The key would outlive its campaign, its agreement or clause ${keys.clauseRef}.`;
  return [{ pointer: '/expiresAt', code: 'expiry_out_of_bounds', detail, expected }];
}

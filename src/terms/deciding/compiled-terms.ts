import { networkContains, parseAddress, parseNetwork, type Network } from '../../kernel/networks.js';
import { GRANTED_BY_NAME_ONLY, PURPOSE_CODES, covers, isPurposeCode, overlaps } from '../purposes.js';
import type { PermittedPurpose, Terms } from '../terms.js';

/** Terms made ready for deciding fast: sets, parsed networks and epoch milliseconds. */
export interface CompiledTerms {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Every purpose that is permitted, and the epoch millisecond at which that permission lapses. */
  readonly purposes: ReadonlyMap<string, number>;
  readonly models: ReadonlyMap<string, { readonly modelId: string; readonly fromMs: number; readonly untilMs: number }>;
  readonly capabilities: ReadonlySet<string>;
  readonly endpoints: ReadonlySet<string>;
}

const COMPILED = new WeakMap<Terms, CompiledTerms>();
const NETWORKS = new WeakMap<readonly string[], readonly Network[]>();

/** The compiled form, made once for each object of terms. Terms are frozen by `checkTerms` and must never be changed. */
export function compiled(terms: Terms): CompiledTerms {
  let ready = COMPILED.get(terms);
  if (ready === undefined) {
    ready = compile(terms);
    COMPILED.set(terms, ready);
  }
  return ready;
}

function compile(terms: Terms): CompiledTerms {
  return {
    fromMs: Date.parse(terms.term.effectiveFrom),
    untilMs: Date.parse(terms.term.expiresAt),
    purposes: permittedPurposes(terms),
    models: new Map(
      terms.scope.models.map(({ snapshot, modelId, from, until }) => [
        snapshot,
        { modelId, fromMs: Date.parse(from), untilMs: Date.parse(until) },
      ]),
    ),
    capabilities: new Set(terms.scope.capabilities),
    endpoints: new Set(terms.scope.endpoints),
  };
}

/**
 * Prohibition wins: a purpose is out when a prohibition covers it, and also when it covers a prohibition, for then
 * declaring the wider purpose would let the narrower one in. `benchmark.capability` is prohibited until it is named.
 */
function permittedPurposes({ purposes, prohibitedUses }: Terms): ReadonlyMap<string, number> {
  const prohibited: string[] = prohibitedUses.map(({ code }) => code).filter(isPurposeCode);
  if (!purposes.permitted.some(({ code }) => code === GRANTED_BY_NAME_ONLY)) prohibited.push(GRANTED_BY_NAME_ONLY);
  const until = new Map<string, number>();
  for (const code of PURPOSE_CODES) {
    if (prohibited.some((other) => overlaps(other, code))) continue;
    const grants = purposes.permitted.filter((permitted) => covers(permitted.code, code));
    if (grants.length > 0) until.set(code, Math.max(...grants.map(lapsesAtMs)));
  }
  return until;
}

function lapsesAtMs({ conditions }: PermittedPurpose): number {
  const limits = conditions.filter(({ code }) => code === 'time_limited').map(({ value }) => Date.parse(value ?? ''));
  // A limit that cannot be read permits nothing.
  return Math.min(Infinity, ...limits.map((limit) => (Number.isNaN(limit) ? -Infinity : limit)));
}

/** Whether the address lies in one of these blocks. Blocks that cannot be read hold nothing, and neither does no address. */
export function addressWithin(cidrs: readonly string[] | 'any', address: string | null): boolean {
  if (cidrs === 'any') return true;
  const parsed = address === null ? null : parseAddress(address);
  return parsed !== null && networksOf(cidrs).some((network) => networkContains(network, parsed));
}

function networksOf(cidrs: readonly string[]): readonly Network[] {
  let networks = NETWORKS.get(cidrs);
  if (networks === undefined) {
    networks = cidrs.map(parseNetwork).filter((network) => network !== null);
    NETWORKS.set(cidrs, networks);
  }
  return networks;
}

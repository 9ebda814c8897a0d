import { addresses, models } from '../../src/demo/agreement.js';
import { ClaimedKey } from '../../src/demo/contract.js';
import { Terms } from '../../src/terms/terms.js';
import { Decided, LoadClient } from './load-client.js';

/** One hard limit on output tokens for the whole term, and one on requests beside it that leaves room. */
export function oneLimit(limit: number): Terms['quotas'] {
  const hard = {
    clauseRef: '5',
    heldBy: 'enforced' as const,
    window: { kind: 'term' as const },
    enforcement: 'hard' as const,
    filter: {},
    notifyAtPercent: [],
  };
  return [
    { ...hard, id: 'tokens', metric: 'output_tokens', limit, scope: 'agreement' },
    { ...hard, id: 'requests-of-a-key', metric: 'requests', limit: 1_000_000_000, scope: 'key' },
  ];
}

/** What was allowed: who, how much, and under which authorization. */
interface Allowed {
  key: ClaimedKey;
  size: number;
  authorization: string;
}

/** Where it is spent, and by whom. */
export interface Purse {
  urls: readonly string[];
  keys: readonly ClaimedKey[];
  gatewayCredential: string;
  client: LoadClient;
}

/** Asks several gateways for units of one limit, and keeps what they answered. */
export class Spending {
  readonly allowed: Allowed[] = [];
  /** How many units were allowed. */
  given = 0;
  /** How many questions were refused, by code. */
  readonly refused: Record<string, number> = {};
  /** How many questions had no answer, and how many units they asked for. */
  unanswered = { questions: 0, units: 0 };
  private asked = 0;

  constructor(private readonly purse: Purse) {}

  /** Asks one node for so many units; false where it did not allow them. */
  async ask(node: number, size: number): Promise<boolean> {
    const { urls, keys, gatewayCredential, client } = this.purse;
    const key = keys[this.asked++ % keys.length]!;
    const answer = await client
      .post(`${urls[node]}/v1/authorizations`, gatewayCredential, tokenQuestion(key, size))
      .catch(() => null);
    if (answer === null) {
      this.unanswered = { questions: this.unanswered.questions + 1, units: this.unanswered.units + size };
      return false;
    }
    const { decision, code, authorization } = JSON.parse(answer.text) as Decided;
    if (decision === 'allow') {
      this.given += size;
      this.allowed.push({ key, size, authorization: authorization! });
      return true;
    }
    this.refused[code] = (this.refused[code] ?? 0) + 1;
    return false;
  }
}

/** A question for so many output tokens. */
export function tokenQuestion({ key }: ClaimedKey, size: number): string {
  return JSON.stringify({
    key,
    model: models.conversation,
    endpoint: 'messages',
    estimate: { input_tokens: 1, max_output_tokens: size },
    client: { ip: addresses.office },
  });
}

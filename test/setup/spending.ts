import { addresses, models } from '../../src/demo/agreement.js';
import { ClaimedKey } from '../../src/demo/contract.js';
import { Terms } from '../../src/terms/terms.js';
import { IngestAnswer } from '../../src/usage/usage.dto.js';
import { Decided, LoadClient } from './load-client.js';

/** One hard limit on output tokens for each model and the whole term, and one on requests that leaves room. */
export function oneLimit(limit: number): Terms['quotas'] {
  const hard = {
    clauseRef: '5',
    heldBy: 'enforced' as const,
    window: { kind: 'term' as const },
    enforcement: 'hard' as const,
    notifyAtPercent: [],
  };
  const tokens = { ...hard, metric: 'output_tokens' as const, limit, scope: 'agreement' as const };
  return [
    { ...tokens, id: 'conversation', filter: { modelId: 'atlas-2' } },
    { ...tokens, id: 'code', filter: { modelId: 'atlas-2-code' } },
    { ...hard, id: 'requests', metric: 'requests', limit: 1_000_000_000, scope: 'key', filter: {} },
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
  /** The model whose limit is spent. */
  model: keyof typeof models;
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

  constructor(readonly purse: Purse) {}

  /** Asks one node for so many units; false where it did not allow them. */
  async ask(node: number, size: number): Promise<boolean> {
    const { urls, keys, gatewayCredential, client, model } = this.purse;
    const key = keys[this.asked++ % keys.length]!;
    const answer = await client
      .post(`${urls[node]}/v1/authorizations`, gatewayCredential, tokenQuestion(key, models[model], size))
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
export function tokenQuestion({ key }: ClaimedKey, model: string, size: number): string {
  return JSON.stringify({
    key,
    model,
    endpoint: 'messages',
    estimate: { input_tokens: 1, max_output_tokens: size },
    client: { ip: addresses.office },
  });
}

/** How many events one report holds. */
const reportLines = 1_000;

/** Reports that all which was allowed was used to the full, and fails where an event is not taken as new. */
export async function reportAll({ allowed, purse }: Spending, apiUrl: string): Promise<void> {
  const { gatewayCredential, model } = purse;
  const time = new Date().toISOString();
  for (let from = 0; from < allowed.length; from += reportLines) {
    const some = allowed.slice(from, from + reportLines);
    const events = some.map((one, at) => useOf(one, { model: models[model], id: `${model} ${from + at}`, time }));
    const response = await fetch(`${apiUrl}/v1/usage-events`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${gatewayCredential}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
    });
    const answer = (await response.json()) as IngestAnswer;
    if (answer.recorded !== events.length)
      throw new Error(`Not all was recorded: ${JSON.stringify(answer).slice(0, 900)}`);
  }
}

function useOf(
  { key, size, authorization }: Allowed,
  { model, id, time }: Record<'model' | 'id' | 'time', string>,
): object {
  const used = { input_tokens: 1, output_tokens: size, status: 200, client_ip: addresses.office };
  return {
    specversion: '1.0',
    id,
    source: 'gateway://spending',
    type: 'ai.usage.v1',
    subject: key.publicId,
    time,
    data: { authorization, model, served_model: model, endpoint: 'messages', ...used },
  };
}

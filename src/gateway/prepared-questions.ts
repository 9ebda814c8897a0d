import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { sha256Hex } from '../kernel/digests.js';
import { Amounts } from '../terms/deciding/decision.js';
import { GatewayCredentialsService } from '../access/gateway-credentials.service.js';
import { publicIdOf } from '../keys/key-string.js';
import { Ledger } from '../quotas/ledger.js';
import { PriceBook } from '../quotas/prices/price-book.js';
import { pricesFor } from '../quotas/prices/prices.js';
import { WindowIdentity, windowKey, windowsOf } from '../quotas/windows.js';
import { AuthorizationRequest } from './authorization-request.js';
import { Question } from './journal.js';
import { KeyFacts, StandingReader } from './standing.js';
/** A question of a gateway in good standing. */
type Asked = Pick<Pending, 'question' | 'gateway'>;

/** One question on its way through a batch. */
export interface Pending {
  question: Question;
  gateway: Actor;
  wellFormed: boolean;
  facts: KeyFacts | null;
  /** The windows that count the question, by their ids. */
  windows: Map<string, WindowIdentity>;
  /** What it would reserve: the upper bound. */
  amounts: Amounts;
}

/** Finds out all that a batch of questions is decided on, but for what is left of quotas. */
@Injectable()
export class PreparedQuestions {
  constructor(
    private readonly ledger: Ledger,
    private readonly standing: StandingReader,
    private readonly credentials: GatewayCredentialsService,
  ) {}

  /** What each question of a gateway in good standing needs; the others are left out. */
  async prepare(manager: EntityManager, questions: readonly Question[], at: Date): Promise<Pending[]> {
    const credentials = questions.map(({ credential }) => credential);
    const gateways = await this.credentials.authenticateAll(manager, credentials);
    const asked = questions.flatMap((question) => {
      const gateway = gateways.get(question.credential);
      return gateway ? [{ question, gateway }] : [];
    });
    return this.factsOf(manager, asked, at);
  }

  private async factsOf(manager: EntityManager, asked: readonly Asked[], at: Date): Promise<Pending[]> {
    // A malformed key is told by its checksum alone; it costs neither a hash nor a lookup.
    const hashed = asked.map((one) => {
      const { key } = one.question.request;
      const publicId = publicIdOf(key);
      const wellFormed = publicId !== null;
      return { ...one, publicId, wellFormed, hash: wellFormed ? sha256Hex(key) : null };
    });
    const known = await this.standing.read(
      manager,
      hashed.flatMap(({ hash }) => hash ?? []),
      at,
    );
    const withWindows = hashed.map(({ hash, publicId, ...one }) => {
      const found = hash === null ? undefined : known.get(hash);
      // A partner registers hashes of texts that Parley never saw: one that names another's key is none of ours.
      const facts = found?.publicId === publicId ? found : null;
      return { ...one, facts, windows: facts ? windowsOf(facts.version.terms, useOf(facts, one.question), at) : [] };
    });
    const ids = await this.ledger.locate(
      manager,
      withWindows.flatMap(({ windows }) => windows),
      at,
    );
    const prices = await pricesFor(
      manager,
      asked.map(({ question }) => question.request.model),
      withWindows.flatMap(({ windows }) => windows),
    );
    return withWindows.map(({ windows, ...one }) => ({
      ...one,
      amounts: upperBound(one.question.request, prices, at),
      windows: new Map(windows.map((window) => [ids.get(windowKey(window))!, window])),
    }));
  }
}

/** What a request reserves: its input, and the most output that the gateway will let through, at the price of now. */
export function upperBound(
  { model, estimate }: Pick<AuthorizationRequest, 'model' | 'estimate'>,
  prices: PriceBook,
  at: Date,
): Amounts {
  const { input_tokens, max_output_tokens: output_tokens } = estimate;
  const spend = prices.spend(model, at, { input: input_tokens, output: output_tokens });
  return { requests: 1, input_tokens, output_tokens, spend };
}

/** Who uses what, as the quota windows ask. */
export function useOf(facts: KeyFacts, { request }: { request: Pick<AuthorizationRequest, 'model'> }) {
  return { ...facts, model: request.model };
}

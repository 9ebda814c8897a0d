import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { sha256Hex } from '../kernel/digests.js';
import { newId } from '../kernel/ids.js';
import { amountOf } from '../terms/deciding/clauses.js';
import { Amounts, Decision } from '../terms/deciding/decision.js';
import { evaluate } from '../terms/deciding/evaluate.js';
import { GatewayCredentialsService } from '../access/gateway-credentials.service.js';
import { publicIdOf } from '../keys/key-string.js';
import { slide } from '../quotas/buckets.js';
import { HeldWindow } from '../quotas/held-window.js';
import { Ledger } from '../quotas/ledger.js';
import { PriceBook } from '../quotas/prices/price-book.js';
import { pricesFor } from '../quotas/prices/prices.js';
import { bucketOf } from '../quotas/rolling.js';
import { leastRooms } from '../quotas/rooms.js';
import { WindowIdentity, windowKey, windowsOf } from '../quotas/windows.js';
import { decisionsTotal } from '../http/metrics.js';
import { AuthorizationRequest } from './authorization-request.js';
import { Admission, Question, rowOf, writeDecisions } from './journal.js';
import { KeyFacts, StandingReader } from './standing.js';

/** A question of a gateway in good standing. */
type Asked = Pick<Pending, 'question' | 'gateway'>;

/** One question on its way through a batch. */
interface Pending {
  question: Question;
  gateway: Actor;
  wellFormed: boolean;
  facts: KeyFacts | null;
  /** The windows that count the question, by their ids. */
  windows: Map<string, WindowIdentity>;
  /** What it would reserve: the upper bound. */
  amounts: Amounts;
}

/**
 * Decides in exact mode: many questions share one transaction that locks every window they touch, weighs them one
 * after the other against what is left, and writes all reservations in one statement. Over-granting is impossible
 * because nobody else can take from a window between the look and the write.
 */
@Injectable()
export class Admissions {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly ledger: Ledger,
    private readonly standing: StandingReader,
    private readonly credentials: GatewayCredentialsService,
  ) {}

  /**
   * Decides a batch, answering null to whoever is no gateway in good standing. Either every decision of it is kept, or
   * the whole batch fails and nothing is reserved.
   */
  async decide(questions: readonly Question[]): Promise<(Admission | null)[]> {
    const admissions = await this.database.transaction(async (manager) => {
      const at = this.clock.now();
      const credentials = questions.map(({ credential }) => credential);
      const gateways = await this.credentials.authenticateAll(manager, credentials);
      const asked = questions.flatMap((question) => {
        const gateway = gateways.get(question.credential);
        return gateway ? [{ question, gateway }] : [];
      });
      const pending = await this.prepare(manager, asked, at);
      const held = await this.ledger.hold(
        manager,
        pending.flatMap(({ windows }) => [...windows.keys()]),
      );
      const countedAt = await slide(manager, held, at);
      await this.ledger.conform(manager, held, new Map(pending.flatMap(({ windows }) => [...windows])));
      const decided = pending.map((one) => ({ ...weigh(one, held, at), countedAt }));
      await this.ledger.write(manager, decided.flatMap(reservations));
      await writeDecisions(manager, decided.map(rowOf));
      return decided;
    });
    for (const { decision } of admissions) decisionsTotal.inc({ code: decision.code });
    const byQuestion = new Map(admissions.map((admission) => [admission.question, admission]));
    return questions.map((question) => byQuestion.get(question) ?? null);
  }

  private async prepare(manager: EntityManager, asked: readonly Asked[], at: Date): Promise<Pending[]> {
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

/** Weighs one question against what is left in its windows, and takes from them at once if it is allowed. */
function weigh(
  { question, gateway, wellFormed, facts, windows: counting, amounts }: Pending,
  held: Map<string, HeldWindow>,
  at: Date,
): Omit<Admission, 'countedAt'> {
  const windows = [...counting.keys()].map((id) => held.get(id)!);
  const identities = [...counting.values()];
  const decision = facts ? evaluateFor(facts, question, amounts, windows, at) : unknown(wellFormed);
  const left = windows.map((window, index) => {
    const wanted = amountOf(window, amounts) ?? Infinity;
    const reserved = decision.outcome === 'deny' || wanted === Infinity ? 0 : wanted;
    window.room -= reserved;
    const { scope, resetsAt } = identities[index]!;
    return { window, scope, resetsAt, roomAfter: Math.max(0, window.room), wanted, reserved, leaseId: null };
  });
  const id = newId(at);
  // It is written down before it is answered, so its id proves it.
  const authorization = decision.outcome === 'deny' ? null : id;
  return { id, at, question, gateway, facts, decision, windows: left, authorization };
}

/** What decides a question about a key; whoever explains a decision asks here too, so that the answer is the same. */
// oxlint-disable-next-line max-params -- what is weighed, by what, and when
export function evaluateFor(
  facts: KeyFacts,
  { request }: { request: Omit<AuthorizationRequest, 'key' | 'estimate'> },
  amounts: Amounts,
  windows: readonly Pick<HeldWindow, 'quotaId' | 'room'>[],
  at: Date,
): Decision {
  const { organisationId, agreementId, purpose, version, standing } = facts;
  return evaluate(
    version.terms,
    {
      standing,
      request: {
        organisationId,
        agreementId,
        model: request.model,
        endpoint: request.endpoint,
        capabilities: request.capabilities ?? ['sampling'],
        purpose,
        address: request.client?.ip ?? null,
      },
      amounts,
      room: leastRooms(windows),
    },
    at,
  );
}

/** What is said of a key that nobody issued: no terms apply, so there is no clause to name. */
export function unknown(wellFormed: boolean): Decision {
  const code = wellFormed ? 'unknown_key' : 'malformed_key';
  const expected = wellFormed ? 'a key that was issued' : 'parley_live_… with its checksum';
  return { outcome: 'deny', code, reasons: [{ clauseRef: '', rule: 'key', expected, observed: code }], applies: [] };
}

/** What an allowance reserves; a refusal burns nothing. */
function reservations({ decision, windows, countedAt }: Admission) {
  if (decision.outcome === 'deny') return [];
  return windows.map(({ window, reserved }) => ({
    windowId: window.id,
    leased: reserved,
    used: 0,
    bucket: window.unit && bucketOf(window.unit, countedAt),
  }));
}

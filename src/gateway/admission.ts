import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Clock } from '../kernel/clock.js';
import { newId } from '../kernel/ids.js';
import { amountOf } from '../terms/deciding/clauses.js';
import { Amounts, Decision } from '../terms/deciding/decision.js';
import { evaluate } from '../terms/deciding/evaluate.js';
import { slide } from '../quotas/buckets.js';
import { HeldWindow } from '../quotas/held-window.js';
import { Ledger } from '../quotas/ledger.js';
import { bucketOf } from '../quotas/rolling.js';
import { leastRooms } from '../quotas/rooms.js';
import { decisionsTotal } from '../http/metrics.js';
import { AuthorizationRequest } from './authorization-request.js';
import { Admission, Question, rowOf, writeDecisions } from './journal.js';
import { LeaseKeeper } from './leased/lease-keeper.js';
import { Pending, PreparedQuestions } from './prepared-questions.js';
import { KeyFacts } from './standing.js';

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
    private readonly prepared: PreparedQuestions,
    private readonly leases: LeaseKeeper,
  ) {}

  /**
   * Decides a batch, answering null to whoever is no gateway in good standing. Either every decision of it is kept, or
   * the whole batch fails and nothing is reserved.
   */
  async decide(questions: readonly Question[]): Promise<(Admission | null)[]> {
    const { pending, decided } = await this.database.transaction((manager) => this.decideAll(manager, questions));
    // Leases are of windows that are remembered, so those that were opened here can be lent from now on.
    this.ledger.remember(pending.flatMap(({ windows }) => [...windows]));
    for (const { decision } of decided) decisionsTotal.inc({ code: decision.code });
    const byQuestion = new Map(decided.map((admission) => [admission.question, admission]));
    return questions.map((question) => byQuestion.get(question) ?? null);
  }

  private async decideAll(manager: EntityManager, questions: readonly Question[]) {
    const at = this.clock.now();
    const pending = await this.prepared.prepare(manager, questions, at);
    const held = await this.ledger.hold(
      manager,
      pending.flatMap(({ windows }) => [...windows.keys()]),
    );
    const countedAt = await slide(manager, held, at);
    await this.ledger.conform(manager, held, new Map(pending.flatMap(({ windows }) => [...windows])));
    await this.takeBack(manager, held, pending);
    const decided = pending.map((one) => ({ ...weigh(one, held, at), countedAt }));
    await this.ledger.write(manager, decided.flatMap(reservations));
    await writeDecisions(manager, decided.map(rowOf));
    return { pending, decided };
  }

  /** What this node was lent is there for its own questions first, where a window has not enough left for them. */
  private async takeBack(manager: EntityManager, held: Map<string, HeldWindow>, pending: readonly Pending[]) {
    const wanted = new Map<string, number>();
    for (const { windows, amounts } of pending) {
      for (const [id, window] of windows) wanted.set(id, (wanted.get(id) ?? 0) + (amountOf(window, amounts) ?? 0));
    }
    const scarce = [...held.values()].filter(({ id, room }) => wanted.get(id)! > room);
    for (const { windowId, amount } of await this.leases.takeBack(
      manager,
      scarce.map(({ id }) => id),
    )) {
      held.get(windowId)!.room += amount;
    }
  }
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
  return { id, at, freshAsOf: at, question, gateway, facts, decision, windows: left, authorization };
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

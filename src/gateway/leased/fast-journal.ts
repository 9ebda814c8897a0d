import { Injectable } from '@nestjs/common';
import { Actor } from '../../kernel/actor.js';
import { newId } from '../../kernel/ids.js';
import { decisionsTotal } from '../../http/metrics.js';
import { Decision } from '../../terms/deciding/decision.js';
import { AuthorizationTokens } from '../authorization-token.js';
import { Admission, CountingWindow, Question, rowOf } from '../journal.js';
import { Freshness } from '../snapshot/freshness.js';
import { KeyFacts } from '../standing.js';
import { DecisionJournal } from './decision-journal.js';
import { CountedWindow } from './plans.js';

/** A question of a gateway in good standing. */
export interface Asked {
  question: Question;
  gateway: Actor;
  at: Date;
}

/** What a question asks of a window; null where no price tells. */
interface Ask extends CountedWindow {
  amount: number | null;
}

/** What was decided, and on what. */
interface Decided {
  facts: KeyFacts | null;
  decision: Decision;
  asks: readonly Ask[];
}

/** Keeps the decisions that were made from memory. */
@Injectable()
export class FastJournal {
  constructor(
    private readonly journal: DecisionJournal,
    private readonly tokens: AuthorizationTokens,
    private readonly freshness: Freshness,
  ) {}

  /** The admission of a decision, on its way into the journal. */
  keep({ question, gateway, at }: Asked, { facts, decision, asks }: Decided): Admission {
    const allowed = decision.outcome !== 'deny';
    const windows = asks.flatMap((ask) => counting(ask, allowed));
    // Nothing is decided here before the node was ever fresh.
    const freshAsOf = this.freshness.asOf!;
    const admission = { id: newId(at), at, countedAt: at, freshAsOf, question, gateway, facts, decision, windows };
    const row = rowOf({ ...admission, authorization: null });
    this.journal.append(row);
    decisionsTotal.inc({ code: decision.code });
    return { ...admission, authorization: allowed ? this.tokens.sign(row) : null };
  }
}

/** A window as it is shown and kept; one of which nothing is known yet shows nothing. */
function counting({ identity, holding, amount }: Ask, allowed: boolean): CountingWindow[] {
  const room = holding?.room ?? null;
  if (holding === null || room === null) return [];
  const { scope, resetsAt } = identity;
  const { window, leaseId } = holding;
  const reserved = allowed ? (amount ?? 0) : 0;
  return [{ window, scope, resetsAt, roomAfter: Math.max(0, room), wanted: amount ?? Infinity, reserved, leaseId }];
}

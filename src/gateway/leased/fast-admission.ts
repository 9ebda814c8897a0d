import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { sha256Hex } from '../../kernel/digests.js';
import { publicIdOf } from '../../keys/key-string.js';
import { amountOf } from '../../terms/deciding/clauses.js';
import { evaluateFor, unknown } from '../admission.js';
import { upperBound } from '../prepared-questions.js';
import { Admission, Question } from '../journal.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { KeyFacts } from '../standing.js';
import { Asked, FastJournal } from './fast-journal.js';
import { Plans } from './plans.js';

/**
 * Decides from memory, with no query and no wait: the facts are those of the snapshot, and what is reserved is taken from
 * leases. Nothing runs between the look and the taking, so several windows are taken from together or not at all. What
 * leases do not cover is left to exact admission, so nothing is refused here for want of room but what exact admission
 * refused a moment ago.
 */
@Injectable()
export class FastAdmission {
  constructor(
    private readonly clock: Clock,
    private readonly snapshot: Snapshot,
    private readonly plans: Plans,
    private readonly kept: FastJournal,
  ) {}

  /** Whether a credential is that of a gateway in good standing. */
  knows(credential: string): boolean {
    return this.snapshot.gateway(credential) !== null;
  }

  /** The decision; null when the credential is no gateway's in good standing; undefined when it cannot be made here. */
  decide(question: Question): Admission | null | undefined {
    const gateway = this.snapshot.gateway(question.credential);
    if (gateway === null) return null;
    const asked = { question, gateway, at: this.clock.now() };
    const publicId = publicIdOf(question.request.key);
    if (publicId === null) return this.kept.keep(asked, { facts: null, decision: unknown(false), asks: [] });
    const facts = this.snapshot.find(sha256Hex(question.request.key), asked.at);
    if (facts === 'cannot_tell') return undefined;
    // A partner registers hashes of texts that Parley never saw: one that names another's key is none of ours.
    if (facts === 'not_issued' || facts.publicId !== publicId)
      return this.kept.keep(asked, { facts: null, decision: unknown(true), asks: [] });
    return this.weigh(asked, facts);
  }

  private weigh(asked: Asked, facts: KeyFacts): Admission | undefined {
    const { question, at } = asked;
    const amounts = upperBound(question.request, this.snapshot.prices, at);
    const now = performance.now();
    let covered = true;
    // Every window notes what is asked of it, so all are asked even after one did not cover.
    const asks = this.plans.windows(facts, question.request.model, at).map((window) => {
      const { quotaId } = window.identity;
      const amount = amountOf(window.identity, amounts);
      if (window.holding?.covers(amount ?? 0, now)) return { ...window, amount, quotaId, room: Infinity };
      covered = false;
      return { ...window, amount, quotaId, room: window.holding?.roomLeft(now) ?? Infinity };
    });
    const decision = evaluateFor(facts, question, amounts, asks, at);
    // Whoever is refused for want of room is told what is left of each quota, which is not known here yet.
    if (decision.code === 'quota_exhausted' && asks.some(({ holding }) => !holding || holding.room === null))
      return undefined;
    if (decision.outcome !== 'deny') {
      if (!covered) return undefined;
      for (const { holding, amount } of asks) holding?.spend(amount ?? 0);
    }
    return this.kept.keep(asked, { facts, decision, asks });
  }
}

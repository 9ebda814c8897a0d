import { Injectable } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { Refusal } from '../kernel/refusal.js';
import { Admissions } from './admission.js';
import { Admission, Question } from './journal.js';
import { Freshness, freshFor } from './snapshot/freshness.js';
import { Snapshot } from './snapshot/snapshot.js';
import { SnapshotKeeper } from './snapshot/snapshot-keeper.js';
import { staleAdmission } from './snapshot/stale.js';

/** How many questions may wait, and how many share one transaction. */
const waitingMax = 10_000;
const batchMax = 256;

interface Waiting {
  question: Question;
  resolve: (admission: Admission | null) => void;
  reject: (error: unknown) => void;
}

/**
 * Gathers questions while a batch is being decided, so that a busy gateway pays for a transaction once per batch. A
 * lone question does not wait for company. Beyond the limit of the queue a question is turned away at once. While the
 * node is not fresh nothing is decided, and whoever waits when that begins is told so instead of waiting on.
 */
@Injectable()
export class AdmissionQueue {
  private waiting: Waiting[] = [];
  /** Who was not answered yet, whether waiting or being decided. */
  private readonly open = new Set<Waiting>();
  /** When the batch that is being decided was begun, by the monotonic clock; null while none is. */
  private begunAt: number | null = null;
  /** The round that decides now; null when nothing is. */
  private round: symbol | null = null;

  constructor(
    private readonly admissions: Admissions,
    private readonly snapshot: Snapshot,
    private readonly freshness: Freshness,
    keeper: SnapshotKeeper,
  ) {
    freshness.onEnd(() => this.giveUp());
    keeper.holdReceipts((at) => this.begunAt !== null && this.begunAt < at);
  }

  /** The decision; null when the credential is no gateway's in good standing. */
  decide(question: Question): Promise<Admission | null> {
    if (!this.freshness.fresh()) return Promise.resolve(this.stale(question));
    if (this.waiting.length >= waitingMax) {
      throw new Refusal('temporary_reduced_capacity', 'Too many decisions are waiting.', { retryAfterSeconds: 1 });
    }
    return new Promise((resolve, reject) => {
      const waiting = { question, resolve, reject };
      this.waiting.push(waiting);
      this.open.add(waiting);
      if (this.round === null) void this.run((this.round = Symbol('round')));
    });
  }

  private async run(round: symbol): Promise<void> {
    while (this.round === round && this.waiting.length > 0) {
      const batch = this.waiting.splice(0, batchMax);
      try {
        const admissions = await this.inTime(batch.map(({ question }) => question));
        batch.forEach(({ question, resolve }, at) =>
          resolve(admissions ? (admissions[at] ?? null) : this.stale(question)),
        );
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      for (const one of batch) this.open.delete(one);
    }
    if (this.round === round) this.round = null;
  }

  /**
   * The decisions of a batch; null where they stand on facts that are too old by now, because a lock was waited for, the
   * process stood still or a connection went silent.
   */
  private async inTime(questions: readonly Question[]): Promise<(Admission | null)[] | null> {
    const begun = performance.now();
    this.begunAt = begun;
    const decided = this.admissions.decide(questions);
    // What fails when nobody waits for it any more is nobody's.
    decided.catch(() => undefined);
    const waited = new AbortController();
    const late = setTimeout(freshFor, null, { ref: false, signal: waited.signal }).catch(() => null);
    const admissions = await Promise.race([decided, late]).finally(() => {
      waited.abort();
      this.begunAt = null;
    });
    return performance.now() - begun <= freshFor && this.freshness.fresh() ? admissions : null;
  }

  /**
   * Answers everybody who waits. A batch under way may still commit, and its reservations stand then like those of any
   * answer that was lost; nobody waits behind it, for a connection that went silent may stay so for long.
   */
  private giveUp(): void {
    const open = [...this.open];
    this.open.clear();
    this.waiting = [];
    this.round = null;
    for (const { question, resolve } of open) resolve(this.stale(question));
  }

  private stale(question: Question): Admission | null {
    const { asOf } = this.freshness;
    if (asOf === null) {
      throw new Refusal('temporary_reduced_capacity', 'This node is starting.', { retryAfterSeconds: 1 });
    }
    const gateway = this.snapshot.gateway(question.credential);
    return gateway && staleAdmission(question, gateway, asOf);
  }
}

import { Injectable } from '@nestjs/common';
import { second } from '../kernel/clock.js';
import { AdmissionQueue } from './admission-queue.js';
import { unauthenticated } from './gateway-request.js';
import { Admission, Question } from './journal.js';
import { FastAdmission } from './leased/fast-admission.js';
import { LeaseKeeper } from './leased/lease-keeper.js';
import { Freshness } from './snapshot/freshness.js';

/** From how many questions in a second on a node decides from memory where it can. */
const busyFrom = 100;

/**
 * Decides every question of this node. A quiet node asks the database each time: that costs a request nothing that anyone
 * would notice, and every decision is written down before it is answered. A busy one decides from memory what its leases
 * cover, and asks the database for the rest.
 */
@Injectable()
export class Decider {
  private begun = 0;
  private count = 0;
  private before = 0;

  constructor(
    private readonly queue: AdmissionQueue,
    private readonly fast: FastAdmission,
    private readonly keeper: LeaseKeeper,
    private readonly freshness: Freshness,
  ) {}

  /** Refuses a credential that is no gateway's in good standing, before anything is read for it; not sure, it refuses none. */
  assertKnown(credential: string): void {
    if (this.freshness.fresh() && !this.fast.knows(credential)) throw unauthenticated();
  }

  /** The decision; null when the credential is no gateway's in good standing. Rejects where none can be made now. */
  async decide(question: Question): Promise<Admission | null> {
    if (this.busy() && this.keeper.working && this.freshness.fresh()) {
      const decided = this.fast.decide(question);
      if (decided !== undefined) return decided;
    }
    const admission = await this.queue.decide(question);
    if (admission?.decision.code === 'quota_exhausted') {
      for (const { window, roomAfter } of admission.windows) this.keeper.refused(window.id, roomAfter);
    }
    return admission;
  }

  private busy(): boolean {
    const now = performance.now();
    if (now - this.begun >= second) {
      this.before = now - this.begun < 2 * second ? this.count : 0;
      this.begun = now;
      this.count = 0;
    }
    this.count += 1;
    return this.before >= busyFrom || this.count >= busyFrom;
  }
}

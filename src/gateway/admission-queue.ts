import { Injectable } from '@nestjs/common';
import { Refusal } from '../kernel/refusal.js';
import { Admissions } from './admission.js';
import { Admission, Question } from './journal.js';

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
 * lone question does not wait for company. Beyond the limit of the queue a question is turned away at once.
 */
@Injectable()
export class AdmissionQueue {
  private waiting: Waiting[] = [];
  private deciding = false;

  constructor(private readonly admissions: Admissions) {}

  /** The decision; null when the credential is no gateway's in good standing. */
  decide(question: Question): Promise<Admission | null> {
    if (this.waiting.length >= waitingMax) {
      throw new Refusal('temporary_reduced_capacity', 'Too many decisions are waiting.', { retryAfterSeconds: 1 });
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, resolve, reject });
      if (!this.deciding) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.deciding = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, batchMax);
      try {
        const admissions = await this.admissions.decide(batch.map(({ question }) => question));
        batch.forEach(({ resolve }, at) => resolve(admissions[at] ?? null));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.deciding = false;
  }
}

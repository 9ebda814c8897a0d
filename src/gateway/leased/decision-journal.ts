import { Injectable, Logger } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { loggable } from '../../http/problem.js';
import { DecisionRow } from '../journal.js';
import { DecisionWriter } from './decision-writer.js';

/** How long a decision waits for company before it is written, and before a write that failed is tried again. */
const flushEvery = 100;

/** How many decisions share one transaction. */
const batchMax = 2_000;

/** How many decisions may wait to be written. A node with more decides nothing from memory. */
const waitingMax = 100_000;

/**
 * Decisions of this node that are on their way into the database. Until they are there, what they reserved is in leases
 * that the database counts as reserved, so a node that dies with its journal takes nothing that could be granted again.
 */
@Injectable()
export class DecisionJournal {
  private readonly logger = new Logger('DecisionJournal');
  private waiting: DecisionRow[] = [];
  private flushing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly writer: DecisionWriter) {}

  /** Whether it takes no more: the database does not keep up, or is away. */
  get full(): boolean {
    return this.waiting.length >= waitingMax;
  }

  /** Takes a decision; it is written soon. */
  append(row: DecisionRow): void {
    this.waiting.push(row);
    this.schedule();
  }

  /** Writes all that was taken before the call. It never fails; what cannot be written is tried until it can be. */
  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    // Whoever is writing now may have begun before the call, and leave behind what came since; who writes next does not.
    await this.flushing;
    this.flushing ??= this.drain().finally(() => {
      this.flushing = null;
      this.schedule();
    });
    await this.flushing;
  }

  /** Sees to it that what waits is written; while something is being written, that comes first. */
  private schedule(): void {
    if (this.flushing || this.waiting.length === 0) return;
    if (this.waiting.length >= batchMax) void this.flush();
    else this.timer ??= globalThis.setTimeout(() => void this.flush(), flushEvery).unref();
  }

  /** Writes what waits now. What comes in the meantime waits for company anew. */
  private async drain(): Promise<void> {
    let left = this.waiting.length;
    while (left > 0) {
      const batch = this.waiting.splice(0, Math.min(left, batchMax));
      try {
        await this.writer.write(condensed(batch));
        left -= batch.length;
      } catch (error) {
        this.logger.warn(loggable(error));
        this.waiting.unshift(...batch);
        await setTimeout(flushEvery, undefined, { ref: false });
      }
    }
  }
}

/** Refusals that are alike in all that is kept of them become one, so that a flood of them is a row and not a flood. */
export function condensed(rows: readonly DecisionRow[]): DecisionRow[] {
  const allowed = rows.filter(({ code }) => code === 'allowed');
  const refused = rows.filter(({ code }) => code !== 'allowed');
  const alike = Map.groupBy(refused, ({ gatewayId, keyId, model, endpoint, address, run, code, reasons }) =>
    JSON.stringify([gatewayId, keyId, model, endpoint, address, run, code, reasons]),
  );
  return [...allowed, ...[...alike.values()].map((group) => ({ ...group[0]!, repeated: group.length }))];
}

import { Injectable, Logger, OnModuleDestroy } from '@nestjs/common';
import { second } from '../../kernel/clock.js';
import { loggable } from '../../http/problem.js';
import { NodeConnection } from '../nodes/node-connection.js';
import { NodeRegistry } from '../nodes/node-registry.js';
import { Queries } from '../standing.js';
import { Freshness } from './freshness.js';
import { SnapshotFiller } from './snapshot-filler.js';

/** How often it asks for news whether or not it was notified, in milliseconds. */
const askEvery = second;

/** How soon it looks again whether answers under way are given, in milliseconds. */
const askAgainAfter = 5;

/**
 * Keeps the snapshot of this process: loads it, asks for changes every second and at each notification, reads anew what
 * they reach, and proves thereby that it is fresh. Only a process that serves gateways starts it.
 */
@Injectable()
export class SnapshotKeeper implements OnModuleDestroy {
  private readonly logger = new Logger('Snapshot');
  private timer: NodeJS.Timeout | null = null;
  private position = 0;
  /** Up to where everything is applied, and no answer that was found before is still to come. */
  private acknowledged = 0;
  private filled = false;
  private receiptDue = false;
  private appliedAt = 0;
  private readonly answering: ((before: number) => boolean)[] = [];
  private failing = false;
  private syncing: Promise<void> | null = null;
  private next: Promise<void> | null = null;

  constructor(
    private readonly connection: NodeConnection,
    private readonly registry: NodeRegistry,
    private readonly filler: SnapshotFiller,
    private readonly freshness: Freshness,
  ) {}

  /**
   * Holds receipts back while an answer is still to come that was found before a moment (by the monotonic clock): it may
   * say yes though the change is applied, and a receipt says that nothing does any more.
   */
  holdReceipts(isAnswering: (before: number) => boolean): void {
    this.answering.push(isAnswering);
  }

  /** Begins to keep it, and waits for the first attempt; where that fails it tries again every second. */
  async start(): Promise<void> {
    if (this.timer) return;
    this.timer = setInterval(() => void this.catchUp(), askEvery).unref();
    this.connection.onNews(() => void this.catchUp());
    await this.catchUp();
  }

  /** Stops keeping it and tells that this node leaves. What it holds may be used until it is no longer fresh. */
  async stop(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    await this.syncing;
    await this.connection.use((queries) => this.registry.leave(queries)).catch(() => undefined);
    this.connection.stop();
    this.freshness.stop();
  }

  async onModuleDestroy(): Promise<void> {
    await this.stop();
  }

  /**
   * Asks for changes now and waits until they are applied: everything that was committed before this was called is then
   * known, unless the database cannot be reached. Many who ask at once share one question.
   */
  catchUp(): Promise<void> {
    if (!this.timer) return Promise.resolve();
    if (!this.syncing) return (this.syncing = this.sync().finally(() => (this.syncing = null)));
    // What is under way may have been asked too early for who comes now.
    return (this.next ??= this.syncing.then(() => {
      this.next = null;
      return this.catchUp();
    }));
  }

  private async sync(): Promise<void> {
    try {
      await this.connection.use(async (queries) => {
        if (!this.filled) await this.fill(queries);
        while (this.timer && (await this.askOnce(queries)) === 'filled');
      });
      // Nobody who waits for a change waits for very many keys to be read: until they are, it tells nothing of them.
      if (this.filler.behind) setImmediate(() => void this.catchUp());
      if (this.failing) this.logger.warn('It is fresh again.');
      this.failing = false;
    } catch (error) {
      if (!this.failing)
        this.logger.warn(loggable(error), 'It cannot be brought up to date; it is tried every second.');
      this.failing = true;
    }
  }

  /** Asks what follows the position and applies it, or reads everything anew. The proof is of when it asked. */
  private async askOnce(queries: Queries): Promise<'applied' | 'filled'> {
    const sent = this.freshness.sending();
    const { newest, entered } = await this.registry.beat(queries, this.acknowledged);
    // A database that was set back to an earlier day knows fewer changes than this node.
    if (newest < this.position || !entered) return this.fill(queries);
    const applied = (position: number) => {
      if (position > this.position) {
        this.receiptDue = true;
        this.appliedAt = performance.now();
      }
      this.position = position;
      this.freshness.prove(sent);
    };
    if (newest === this.position && !this.filler.behind) applied(newest);
    else if (!(await this.filler.apply(queries, this.position, applied))) return this.fill(queries);
    await this.acknowledge(queries);
    return 'applied';
  }

  /**
   * Reads everything anew. The node is entered only then, and is fresh only by a question asked after that: so whoever
   * waits until every node has applied a change either finds this one entered, or it learns of the change before it
   * decides.
   */
  private async fill(queries: Queries): Promise<'filled'> {
    this.position = await this.filler.fill(queries);
    this.filled = true;
    this.appliedAt = performance.now();
    this.receiptDue = true;
    await this.registry.join(queries, this.position);
    this.acknowledged = this.position;
    return 'filled';
  }

  private async acknowledge(queries: Queries): Promise<void> {
    if (!this.receiptDue) return;
    if (this.answering.some((isAnswering) => isAnswering(this.appliedAt))) {
      setTimeout(() => void this.catchUp(), askAgainAfter).unref();
      return;
    }
    await this.registry.receive(queries, this.position);
    this.acknowledged = this.position;
    this.receiptDue = false;
  }
}

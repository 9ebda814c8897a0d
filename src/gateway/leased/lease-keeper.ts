import { Injectable, Logger } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';
import { EntityManager } from 'typeorm';
import { second } from '../../kernel/clock.js';
import { loggable } from '../../http/problem.js';
import { Grant, LeaseLedger, TakenBack, Want } from '../../quotas/leases/lease-ledger.js';
import { Ledger } from '../../quotas/ledger.js';
import { WindowIdentity } from '../../quotas/windows.js';
import { NodeRegistry } from '../nodes/node-registry.js';
import { DecisionJournal } from './decision-journal.js';
import { Holding } from './holding.js';

/** How often leases are looked at, in milliseconds, and at least how long apart when one is needed sooner. */
const lookEvery = 250;
const lookAtMost = 25;

/** How long a node that stops tries to give its leases back, in milliseconds. */
const patience = 5 * second;

/** How many windows share one statement. */
const batchMax = 1_000;

/** Holds this node's leases: renews what is used, gives back what is not. */
@Injectable()
export class LeaseKeeper {
  private readonly logger = new Logger('Leases');
  private readonly holdings = new Map<string, Holding>();
  /** Leases that are used no more and must go back, with their windows. */
  private readonly leaving = new Map<string, string>();
  private returning: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private lookedAt = 0;
  private node: LivingNode | null = null;

  constructor(
    private readonly ledger: Ledger,
    private readonly leases: LeaseLedger,
    private readonly journal: DecisionJournal,
  ) {}

  /** Begins to hold leases for a node. */
  start(node: LivingNode): void {
    this.node = node;
    this.timer = setInterval(() => void this.look(), lookEvery).unref();
  }

  /**
   * Writes down what is decided and gives everything back. Nothing may be decided from leases any more. If the database
   * cannot be reached it gives up in the end, and what is held is quarantined.
   */
  async stop(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    await Promise.race([this.leave(), setTimeout(patience, undefined, { ref: false })]);
  }

  private async leave(): Promise<void> {
    await this.looking;
    for (const holding of this.holdings.values()) this.dismiss(holding);
    await this.journal.flush();
    await this.giveBack();
    // What was under way when the last ones left took no notice of them.
    await this.giveBack();
  }

  /** Whether anything is decided from leases: not while what is decided cannot be written down. */
  get working(): boolean {
    return this.timer !== null && !this.journal.full;
  }

  /**
   * What is held of a window. Null where exact admission has to decide: it counts what a lease cannot, nobody opened it
   * yet, or this node holds none for it.
   */
  holding(identity: WindowIdentity): Holding | null {
    if (!this.working || identity.rolling || identity.metric === 'concurrent_requests') return null;
    const id = this.ledger.idOf(identity);
    if (id === null) return null;
    const held = this.holdings.get(id);
    if (held && bounds(held.identity) === bounds(identity)) return held;
    // What was lent under another limit is not spent under this one.
    if (held) this.dismiss(held);
    const fresh = new Holding(id, identity, () => this.hurry());
    this.holdings.set(id, fresh);
    return fresh;
  }

  /**
   * Gives windows that a transaction holds what this node still has of them. It may not be spent from this moment on,
   * also where the transaction fails, for nobody may know whether it did; so the lease goes back as well.
   */
  async takeBack(manager: EntityManager, windowIds: readonly string[]): Promise<TakenBack[]> {
    const given = windowIds.flatMap((id) => {
      const holding = this.holdings.get(id);
      const left = holding?.handOver();
      if (left) this.dismiss(holding!);
      return left ?? [];
    });
    return this.leases.takeBack(manager, given);
  }

  /** Tells what exact admission said was left in a window when it refused. */
  refused(windowId: string, room: number): void {
    this.holdings.get(windowId)?.refused(room);
  }

  /** Looks soon, because a question was not covered. */
  private hurry(): void {
    if (!this.working || this.looking) return;
    if (performance.now() - this.lookedAt >= lookAtMost) void this.look();
  }

  private look(): Promise<void> {
    this.looking ??= this.renewAll()
      .catch((error: unknown) => this.logger.warn(loggable(error)))
      .finally(() => (this.looking = null));
    return this.looking;
  }

  private async renewAll(): Promise<void> {
    const now = performance.now();
    this.lookedAt = now;
    for (const holding of this.holdings.values()) if (holding.idle(now) || holding.lapsed(now)) this.dismiss(holding);
    // Not waited for: it waits for the journal, and leases that are in use must be renewed meanwhile.
    void this.giveBack();
    const asked = [...this.holdings.values()].flatMap((holding) => {
      const want = holding.wants(now);
      return want ? [{ holding, want }] : [];
    });
    for (let from = 0; from < asked.length; from += batchMax) await this.ask(asked.slice(from, from + batchMax));
  }

  private async ask(asked: readonly Asked[]): Promise<void> {
    // The database renews what is open: a lease that is leaving would be taken for one that is held.
    const leaving = new Set(this.leaving.values());
    const kept = asked.filter(({ holding, want }) => !holding.ended && !leaving.has(want.windowId));
    const sentAt = performance.now();
    const wants = kept.map(({ want }) => want);
    const grants = await this.leases.grant({ nodeId: this.node!.id, nodes: this.node!.liveNodes() }, wants);
    const byWindow = new Map(kept.map((one) => [one.want.windowId, one]));
    for (const grant of grants) this.take(byWindow.get(grant.windowId)!, grant, sentAt);
  }

  private take({ holding, want }: Asked, grant: Grant, sentAt: number): void {
    const { leaseId } = grant;
    if (holding.ended) {
      if (leaseId) this.leaving.set(leaseId, grant.windowId);
      return;
    }
    // The lease was taken for that of a dead node; what it had left may have been released by now.
    if (holding.leaseId !== null && holding.leaseId !== leaseId) {
      this.leaving.set(holding.leaseId, grant.windowId);
      holding.balance = 0;
    }
    if (holding.granted({ ...grant, wanted: want.amount }, sentAt)) this.dismiss(holding);
  }

  /** Spends no more from a holding, and has its lease go back. */
  private dismiss(holding: Holding): void {
    holding.ended = true;
    this.holdings.delete(holding.window.id);
    if (holding.leaseId) this.leaving.set(holding.leaseId, holding.window.id);
  }

  private giveBack(): Promise<void> {
    this.returning ??= this.returnAll()
      .catch((error: unknown) => this.logger.warn(loggable(error)))
      .finally(() => (this.returning = null));
    return this.returning;
  }

  private async returnAll(): Promise<void> {
    while (this.leaving.size > 0) {
      const some = [...this.leaving.keys()].slice(0, batchMax);
      // What was spent must be written down first, or it would be given to others.
      await this.journal.flush();
      await this.leases.giveBack(some);
      for (const id of some) this.leaving.delete(id);
    }
  }
}

/** Who holds the leases, and among how many. */
type LivingNode = Pick<NodeRegistry, 'id' | 'liveNodes'>;

interface Asked {
  holding: Holding;
  want: Want;
}

function bounds({ hard, limit, endsAt }: WindowIdentity): string {
  return `${hard} ${limit} ${endsAt.getTime()}`;
}

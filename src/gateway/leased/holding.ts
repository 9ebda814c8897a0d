import { second } from '../../kernel/clock.js';
import { leaseLifetime, Want } from '../../quotas/leases/lease-ledger.js';
import { HeldWindow } from '../../quotas/held-window.js';
import { WindowIdentity } from '../../quotas/windows.js';

/** How much sooner than the database a node stops to use a lease, in milliseconds, for timers that are late. */
const margin = 500;

/** After how long without a question a lease goes back, in milliseconds. */
const idleAfter = leaseLifetime / 2;

/** How long a node that got nothing does not ask again, in milliseconds. */
const pause = leaseLifetime / 5;

/** Over how long the rate is averaged, in milliseconds. */
const remembered = second;

/** A lease is for so many of the largest questions at least: for fewer, exact admission costs less than a lease. */
const leastQuestions = 16;

/** From how many of the largest questions in half a lifetime on a window is lent at all. */
const worthwhileQuestions = 4;

/** How long a refusal for want of room is repeated without asking the database again, in milliseconds. */
const refusedFor = 100;

/** A monotonic instant, in milliseconds: what `performance.now()` tells. */
type Monotonic = number;

/**
 * What a node holds of one window, and how fast it is used. Counts are in units of the window's metric. The rate is no
 * count: it only sizes what is asked for, and the database decides what is granted.
 */
export class Holding {
  /** As the ledger shows windows; its room is the last that the database told. */
  readonly window: HeldWindow;
  leaseId: string | null = null;
  /** What may be spent. */
  balance = 0;
  private usedUntil: Monotonic = 0;
  private askedAt: Monotonic;
  private pausedUntil: Monotonic = 0;
  private lookedAt: Monotonic;
  /** What exact admission said was left when it refused for want of it, and until when that is taken for true. */
  private told = { room: 0, until: 0 };
  /** Asked for since it was last looked at, covered or not; and the largest question of late. */
  private demand = 0;
  private largest = 1;
  private largestSince = 1;
  private rememberedSince: Monotonic;
  /** Units in a millisecond. */
  private rate = 0;

  /** Whether its lease went back, or is about to; then nothing may be spent any more. */
  ended = false;

  /** A holding of a window; `short` is called when it does not cover what is asked for. */
  constructor(
    id: string,
    readonly identity: WindowIdentity,
    private readonly short: () => void,
  ) {
    const { quotaId, metric, currency, endsAt, hard, limit } = identity;
    this.window = { id, quotaId, metric, currency, unit: null, countedFrom: null, endsAt, hard, limit, room: 0 };
    this.askedAt = performance.now();
    this.lookedAt = this.askedAt;
    this.rememberedSince = this.askedAt;
  }

  /** What is left in the window, as far as this node knows; null where it knows nothing. */
  get room(): number | null {
    if (performance.now() < this.told.until) return this.told.room;
    return this.leaseId === null ? null : this.window.room + this.balance;
  }

  /** Notes that so much is asked for, and tells whether the lease covers it at this moment. */
  covers(amount: number, now: Monotonic): boolean {
    this.demand += amount;
    this.askedAt = now;
    // No lease is ever for what is larger than the whole.
    if (amount <= this.identity.limit) this.largestSince = Math.max(this.largestSince, amount);
    this.largest = Math.max(this.largest, this.largestSince);
    // A lease there must be also for what reserves nothing, or its report would be counted nowhere.
    const covers = this.leaseId !== null && !this.ended && this.balance >= amount && now < this.usedUntil;
    if (!covers) this.short();
    return covers;
  }

  /** What is left in the window for sure, which is said for a moment after exact admission refused; else anything may be. */
  roomLeft(now: Monotonic): number {
    return now < this.told.until ? this.told.room : Infinity;
  }

  /** Remembers for a moment that exact admission refused, and what it said was left. */
  refused(room: number): void {
    this.told = { room, until: performance.now() + refusedFor };
  }

  /** Spends what it was asked to cover. */
  spend(amount: number): void {
    this.balance -= amount;
  }

  /** Hands over all that may be spent; nothing where there is nothing. */
  handOver(): { leaseId: string; amount: number } | null {
    const { leaseId, balance: amount } = this;
    this.balance = 0;
    return leaseId !== null && amount > 0 ? { leaseId, amount } : null;
  }

  /** Whether nobody asked for so long that what is left should go back. */
  idle(now: Monotonic): boolean {
    return now - this.askedAt > idleAfter;
  }

  /** Whether what is held may not be used any more, for it was not renewed in time. */
  lapsed(now: Monotonic): boolean {
    return this.leaseId !== null && now >= this.usedUntil;
  }

  /**
   * What it wants, looked at from time to time: enough for half a lifetime at the rate of late, and for some of the
   * largest questions. Null when it has enough, and long enough.
   */
  wants(now: Monotonic): Want | null {
    const lasting = (this.rateUntil(now) * leaseLifetime) / 2;
    this.forget(now);
    // One question now and then is cheaper to decide exactly than to lend for.
    if (this.leaseId === null && lasting < worthwhileQuestions * this.largest) return null;
    const target = Math.max(leastQuestions * this.largest, Math.ceil(lasting));
    const low = this.balance < target / 2 && now >= this.pausedUntil;
    const ageing = this.leaseId !== null && this.usedUntil - now < leaseLifetime / 2;
    return low || ageing ? this.want(low ? target - this.balance : 0) : null;
  }

  private want(amount: number): Want {
    const { hard, limit, endsAt } = this.identity;
    const quota = { hard, limit, endsAt };
    return {
      windowId: this.window.id,
      quota,
      held: this.balance,
      amount,
      least: amount && leastQuestions * this.largest,
    };
  }

  /** Units in a millisecond, averaged over the last second or so. */
  private rateUntil(now: Monotonic): number {
    const elapsed = Math.max(1, now - this.lookedAt);
    this.rate += (this.demand / elapsed - this.rate) * Math.min(1, elapsed / remembered);
    this.demand = 0;
    this.lookedAt = now;
    return this.rate;
  }

  /** Forgets how large questions were a while ago: one that was huge must not keep the window from being lent. */
  private forget(now: Monotonic): void {
    if (now - this.rememberedSince < remembered) return;
    this.rememberedSince = now;
    this.largest = this.largestSince;
    this.largestSince = 1;
  }

  /**
   * Takes in what was granted when it was asked for at a moment. Tells whether what is held is of no use, for it covers
   * no question and there is no more: then it should go back, so that others or exact admission can use it.
   */
  granted(to: { leaseId: string | null; granted: number; room: number; wanted: number }, sentAt: Monotonic): boolean {
    this.leaseId = to.leaseId;
    this.balance += to.granted;
    this.window.room = to.room;
    this.usedUntil = sentAt + leaseLifetime - margin;
    if (to.wanted > 0 && to.granted === 0) this.pausedUntil = sentAt + pause;
    return this.leaseId !== null && this.balance < this.largest && to.granted === 0;
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Clock } from '../kernel/clock.js';
import { IdempotencyStore } from '../http/idempotency.store.js';
import { currentRequest } from '../http/request-context.js';
import { Change } from './change.js';

/** Opens changes. `verb(actor, …)` opens one here; `verb(change, …)` takes part in one that another has opened. */
@Injectable()
export class Changes {
  private readonly followers: (() => Promise<void>)[] = [];

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly idempotency: IdempotencyStore,
  ) {}

  /**
   * Runs work as one transaction that leaves at least one audit entry, or none of it happens. Where the request
   * carries an Idempotency-Key, its answer is stored in the same transaction.
   */
  async run<T>(actor: Actor, work: (change: Change) => Promise<T>): Promise<T> {
    const result = await this.commit(actor, work);
    await Promise.all(this.followers.map((follow) => follow()));
    return result;
  }

  /** Has each change wait, once it is committed, for somebody who must know of it; they may not fail. */
  follow(follower: () => Promise<void>): void {
    this.followers.push(follower);
  }

  private commit<T>(actor: Actor, work: (change: Change) => Promise<T>): Promise<T> {
    return this.database.transaction(async (manager) => {
      const change = new Change(manager, actor, this.clock.now());
      const result = await work(change);
      change.assertRecorded();
      const claim = currentRequest()?.claim;
      if (claim && !claim.stored) await this.idempotency.keep(claim, claim.render(result), manager);
      return result;
    });
  }
}

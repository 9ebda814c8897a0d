import { randomBytes } from 'node:crypto';
import { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { canonicalJson } from '../kernel/canonical-json.js';
import { sha256 } from '../kernel/digests.js';
import { newId } from '../kernel/ids.js';
import { Refusal } from '../kernel/refusal.js';
import { currentRequest } from '../http/request-context.js';
import { AuditDetail } from './audit-detail.entity.js';
import { AuditEntry } from './audit-entry.entity.js';
import { leafHash } from './merkle.js';
import { Owned, ownedBy } from './owned.js';

/** What an entry is about, and whose log it belongs to. */
export interface Subject {
  readonly kind: string;
  readonly id: string;
  /** The partner organisation that may see it; null for the lab's internal log. */
  readonly organisationId: string | null;
}

/**
 * One change under way: the only door for writes. It is one transaction with one actor and one instant, holds the
 * rows that it decides about, and must leave at least one entry in the log or it does not commit.
 */
export class Change {
  private recorded = 0;

  constructor(
    readonly manager: EntityManager,
    readonly actor: Actor,
    readonly at: Date,
  ) {}

  /** A fresh id for a row made by this change. */
  newId(): string {
    return newId(this.at);
  }

  /**
   * Locks the row that a request is about until the change ends. The first versioned row that a request holds is
   * compared with its If-Match.
   */
  async hold<T extends Owned>(entity: EntityTarget<T>, id: string): Promise<T> {
    const row = await this.lock(entity, id);
    const request = currentRequest();
    if (request && request.expectedVersion !== null && row.version !== undefined) {
      if (row.version !== request.expectedVersion) throw new Refusal('version_mismatch');
      request.expectedVersion = null;
    }
    return row;
  }

  /**
   * Locks a row until the change ends, without comparing it with If-Match: for what the thing at hand hangs on. A row
   * of another organisation does not exist.
   */
  async lock<T extends Owned>(entity: EntityTarget<T>, id: string): Promise<T> {
    const row = await this.manager.findOne(entity, {
      where: ownedBy<T>(this.actor, { id } as FindOptionsWhere<T>),
      // Not FOR UPDATE: rows that refer to this one may go on being added, which asks for its key alone.
      lock: { mode: 'for_no_key_update' },
    });
    if (!row || row.isHiddenFrom?.(this.actor)) throw new Refusal('not_found');
    return row;
  }

  /** Saves an entity as it now stands. */
  save<T extends ObjectLiteral>(entity: T): Promise<T> {
    return this.manager.save(entity);
  }

  /**
   * Appends an entry. The detail is kept beside the log under a salt, and the entry commits to its hash only: personal
   * data in it can be erased later while every proof stays valid.
   */
  async record(action: string, subject: Subject, detail: Record<string, unknown> = {}): Promise<void> {
    this.recorded += 1;
    const id = this.newId();
    const salt = randomBytes(16);
    const detailJson = canonicalJson(JSON.parse(JSON.stringify(detail)));
    const canonical = Buffer.from(
      canonicalJson({
        schema: 'parley-audit-entry/1',
        id,
        at: this.at.toISOString(),
        actor: { kind: this.actor.kind, id: this.actor.id, roles: [...this.actor.roles].toSorted() },
        action,
        subject: { kind: subject.kind, id: subject.id },
        detail: sha256(Buffer.concat([salt, Buffer.from(detailJson)])).toString('hex'),
      }),
    );
    await this.manager.insert(AuditEntry, {
      id,
      log: subject.organisationId === null ? 'internal' : `organisation:${subject.organisationId}`,
      at: this.at,
      actorKind: this.actor.kind,
      actorId: this.actor.id,
      actorName: this.actor.name,
      action,
      subjectKind: subject.kind,
      subjectId: subject.id,
      canonical,
      leafHash: leafHash(canonical),
    });
    await this.manager.insert(AuditDetail, { entryId: id, salt, detail: JSON.parse(detailJson) as object });
  }

  /** Fails a change that recorded nothing, before it can commit. */
  assertRecorded(): void {
    if (this.recorded === 0) throw new Error('A change must leave an entry in the audit log.');
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager, MoreThan } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { suspensionCovers } from '../../terms/deciding/clauses.js';
import { standsFor } from '../introspection.js';
import { SnapshotKeeper } from '../snapshot/snapshot-keeper.js';
import { KeyFacts, StandingReader } from '../standing.js';
import { ChangeKind, ChangeLog } from './change-log.entity.js';
import { reachSql } from './reach.js';

/** The most changes that are read at once. */
const pageMax = 100;

/** The data of one revocation event. */
export interface Revocation {
  seq: number;
  kind: ChangeKind;
  /** What changed or was stopped; for a purpose and a model the stop. */
  entity_id: string;
  /** When it changed, by the clock of the database. */
  at: string;
  /** The public ids of the keys that it reaches and that are refused now, sorted. */
  keys: string[];
  /** For a model: the snapshots for which alone the keys are refused, sorted. Null where it is everything. */
  models: string[] | null;
}

/** What the log holds after a position, as far as it was read. */
export interface Page {
  revocations: Revocation[];
  /** The number of the last change that was read; changes that are no revocations count. */
  position: number;
  /** Whether more may follow at once. */
  full: boolean;
}

/** What was revoked before is refused already, and nothing runs under it. */
const stillWorks = 'AND (k.id = $1 OR k.revoked_at IS NULL)';

/** Reads the log of changes, and tells of each which keys are refused because of it. */
@Injectable()
export class ChangeReader {
  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
    private readonly standing: StandingReader,
    private readonly snapshot: SnapshotKeeper,
  ) {}

  /** The number of the newest change; 0 where there is none. */
  async newest(): Promise<number> {
    return (await this.database.manager.maximum(ChangeLog, 'seq')) ?? 0;
  }

  /**
   * What follows a position. Which keys are refused is judged as things stand now, so that what was taken away and given
   * back in between is not told; a change that refuses no key is none that a gateway could act on, and is left out, but
   * for credentials.
   */
  async after(position: number): Promise<Page> {
    const { manager } = this.database;
    const rows = await manager.find(ChangeLog, {
      where: { seq: MoreThan(position) },
      order: { seq: 'ASC' },
      take: pageMax,
    });
    // Whoever is told that a key is refused must find it refused at this node too.
    if (rows.length > 0) await this.snapshot.catchUp();
    const revocations: Revocation[] = [];
    for (const row of rows.filter(({ takesAccess }) => takesAccess)) {
      const told = await this.told(manager, row);
      if (told.keys.length > 0 || row.kind === 'credential') revocations.push(told);
    }
    return { revocations, position: rows.at(-1)?.seq ?? position, full: rows.length === pageMax };
  }

  private async told(manager: EntityManager, row: ChangeLog): Promise<Revocation> {
    const { seq, kind, entityId: entity_id } = row;
    const refused = await this.refusedBy(manager, row);
    const models = kind === 'model' ? [...new Set(refused.flatMap((one) => one.models))].toSorted() : null;
    const keys = refused.map(({ publicId }) => publicId).toSorted();
    return { seq, kind, entity_id, at: row.at.toISOString(), keys, models };
  }

  private async refusedBy(manager: EntityManager, row: ChangeLog): Promise<Refused[]> {
    const { kind } = row;
    if (kind === 'credential' || kind === 'price') return [];
    if (row.cause === 'key_secret') return replaced(manager, row, this.clock.now());
    const bounds = [row.entityId, row.agreementId, row.organisationId];
    const reached: { id: string }[] = await manager.query(`${reachSql(kind)} ${stillWorks}`, bounds);
    const at = this.clock.now();
    const ids = reached.map(({ id }) => id);
    const facts = ids.length === 0 ? [] : [...(await this.standing.readKeys(manager, ids, at)).values()];
    return facts.flatMap((one) => {
      const models = coveredModels(one, row, at);
      const refused = models.filter((model) => !standsFor(one, model, at));
      const whole = refused.length === models.length && (kind === 'key' || models.length > 0);
      return whole ? [{ publicId: one.publicId, models: refused }] : [];
    });
  }
}

/** A key that is refused, and for what. */
interface Refused {
  publicId: string;
  models: readonly string[];
}

/** The models of a key that a change is about: all of them, but where a purpose or a model is stopped. */
function coveredModels(facts: KeyFacts, { kind, target, entityId: id }: ChangeLog, at: Date): readonly string[] {
  const { standing, version, organisationId, agreementId, purpose } = facts;
  const { models } = standing.key!;
  if (kind !== 'purpose' && kind !== 'model') return models;
  const stop = { id, scope: { kind, target: target ?? '' }, from: at, until: null };
  return models.filter((model) => {
    const request = { organisationId, agreementId, purpose, model, endpoint: '', capabilities: [], address: null };
    return suspensionCovers(stop, { terms: version.terms, standing, request, at });
  });
}

/**
 * The key of a secret that works no more. What runs under it cannot be told from what runs under its successor, so the
 * key is named as a whole. A secret that works on until its end is not told.
 */
async function replaced(manager: EntityManager, { entityId, target }: ChangeLog, at: Date): Promise<Refused[]> {
  return manager.query(
    `SELECT public_id AS "publicId", models FROM api_key WHERE id = $1 AND NOT EXISTS
       (SELECT FROM key_secret WHERE id = $2::uuid AND coalesce(ends_at, 'infinity') > $3)`,
    [entityId, target, at],
  );
}

import { EntityTarget, FindOptionsWhere, LessThan, ObjectLiteral, DataSource, EntityManager } from 'typeorm';
import { Actor } from '../kernel/actor.js';
import { Refusal } from '../kernel/refusal.js';
import { Page, page, pageBounds, PageQuery } from '../http/paging.js';

/** A row that an organisation owns, or that is the lab's own (null). */
export interface Owned extends ObjectLiteral {
  id: string;
  organisationId: string | null;
  version?: number;
  /** Whether the row does not exist for this actor, although it is of their organisation. */
  isHiddenFrom?(actor: Actor): boolean;
}

/** The condition under which an actor sees a row: a partner only its organisation's, everyone else all. */
export function ownedBy<T>(actor: Actor, where: FindOptionsWhere<T> = {}): FindOptionsWhere<T> {
  return actor.side === 'partner' ? { ...where, organisationId: actor.organisationId } : where;
}

/** Reads one row; a row of another organisation does not exist. */
export async function findOwned<T extends Owned>(
  database: DataSource | EntityManager,
  entity: EntityTarget<T>,
  actor: Actor,
  id: string,
): Promise<T> {
  const where = ownedBy<T>(actor, { id } as FindOptionsWhere<T>);
  const row = await database.getRepository(entity).findOneBy(where);
  if (!row || row.isHiddenFrom?.(actor)) throw new Refusal('not_found');
  return row;
}

/** What to list, for whom. */
interface Listing<T> {
  actor: Actor;
  query: PageQuery;
  where?: FindOptionsWhere<T>;
}

/** One page of the rows that an actor sees, newest first. */
export async function pageOfOwned<T extends Owned>(
  database: DataSource | EntityManager,
  entity: EntityTarget<T>,
  { actor, query, where }: Listing<T>,
): Promise<Page<T>> {
  const bounds = pageBounds(query);
  const before = bounds.before === null ? {} : { id: LessThan(bounds.before) };
  const rows = await database.getRepository(entity).find({
    where: ownedBy<T>(actor, { ...where, ...before } as FindOptionsWhere<T>),
    order: { id: 'DESC' } as never,
    take: bounds.take,
  });
  return page(rows, bounds);
}

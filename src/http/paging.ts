import { Transform } from 'class-transformer';
import { isId } from '../kernel/ids.js';
import { Refusal } from '../kernel/refusal.js';
import { Count, Text } from './fields.js';

/** The query of every list: newest first, `limit` a page, `cursor` from the page before. */
export class PageQuery {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' && /^\d+$/.test(value) ? +value : value))
  @Count({ description: 'How many at most.', min: 1, max: 200, optional: true, example: 50 })
  limit?: number;

  @Text({ description: 'The `next_cursor` of the page before.', max: 100, optional: true })
  cursor?: string;
}

/** One page of rows with ids. */
export interface Page<T extends { id: string }> {
  data: T[];
  nextCursor: string | null;
}

/** Where a page starts and how many rows to fetch: one more than asked, which tells whether another page follows. */
export interface PageBounds {
  before: string | null;
  take: number;
}

/** The bounds that a query asks for; a cursor that this API never gave is refused. */
export function pageBounds(query: PageQuery): PageBounds {
  const before = query.cursor === undefined ? null : Buffer.from(query.cursor, 'base64url').toString();
  // Decoding is lenient, so the cursor is also held to the one spelling that this API gives.
  if (before !== null && (!isId(before) || Buffer.from(before).toString('base64url') !== query.cursor)) {
    throw new Refusal('invalid_request', 'The cursor is not one that this API gave.', { pointer: '/cursor' });
  }
  return { before, take: (query.limit ?? 50) + 1 };
}

/** Rows fetched by the bounds, as a page. */
export function page<T extends { id: string }>(rows: T[], bounds: PageBounds): Page<T> {
  const more = rows.length === bounds.take;
  const data = more ? rows.slice(0, -1) : rows;
  const last = data.at(-1);
  return { data, nextCursor: more && last ? Buffer.from(last.id).toString('base64url') : null };
}

/** A handler's result as the page it must be; a list route that returns anything else is a fault of ours. */
export function pageOf(result: unknown): Page<{ id: string }> {
  if (typeof result === 'object' && result !== null && 'nextCursor' in result) return result as Page<{ id: string }>;
  throw new TypeError('A list route must return a page.');
}

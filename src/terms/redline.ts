import { childPointer } from '../kernel/json-pointer.js';

/**
 * One difference between two texts of terms. `pointer` (RFC 6901) leads into the later text, or into the earlier one for
 * something removed. A list whose items only changed places is one change, at the list.
 */
export interface RedlineEntry {
  readonly pointer: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Left out for something added. */
  readonly before?: unknown;
  /** Left out for something removed. */
  readonly after?: unknown;
}

/** Fields by which an item of a list is known again, however the list was reordered around it. */
const IDENTITIES = ['id', 'code', 'snapshot'] as const;

/**
 * What changed between two JSON values, in the order of the later one; empty exactly when their canonical JSON is equal.
 * Items of lists are matched by identity where they have one, so that an insertion is one entry and not a cascade.
 */
export function redline(before: unknown, after: unknown): RedlineEntry[] {
  return compare(before, after, '');
}

function compare(before: unknown, after: unknown, pointer: string): RedlineEntry[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, pointer);
  if (isRecord(before) && isRecord(after)) return compareMembers(new Map(Object.entries(before)), after, pointer);
  return [{ pointer, kind: 'changed', before, after }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function compareMembers(before: Map<string, unknown>, after: Record<string, unknown>, pointer: string): RedlineEntry[] {
  const names = [...new Set([...before.keys(), ...Object.keys(after)])].toSorted();
  return names.flatMap((name): RedlineEntry[] => {
    const place = childPointer(pointer, name);
    if (!before.has(name)) return [{ pointer: place, kind: 'added', after: after[name] }];
    if (!Object.hasOwn(after, name)) return [{ pointer: place, kind: 'removed', before: before.get(name) }];
    return compare(before.get(name), after[name], place);
  });
}

function compareLists(before: readonly unknown[], after: readonly unknown[], pointer: string): RedlineEntry[] {
  const [earlier, later] = [identified(before), identified(after)];
  if (earlier === null || later === null) return compareByPlace(before, after, pointer);
  const [namesBefore, namesAfter] = [[...earlier.keys()], [...later.keys()]];
  const moved: RedlineEntry[] =
    order(namesBefore, later) === order(namesAfter, earlier) ? [] : [{ pointer, kind: 'changed', before, after }];
  const removed = namesBefore.flatMap((name): RedlineEntry[] => {
    const index = earlier.get(name) ?? 0;
    return later.has(name) ? [] : [{ pointer: childPointer(pointer, index), kind: 'removed', before: before[index] }];
  });
  const rest = namesAfter.flatMap((name, index): RedlineEntry[] => {
    const was = earlier.get(name);
    const place = childPointer(pointer, index);
    return was === undefined
      ? [{ pointer: place, kind: 'added', after: after[index] }]
      : compare(before[was], after[index], place);
  });
  return [...moved, ...removed, ...rest];
}

/** The order in which the items that are in both lists come in this one. */
function order(names: readonly string[], others: ReadonlyMap<string, number>): string {
  return JSON.stringify(names.filter((name) => others.has(name)));
}

/** Lists whose items cannot be told apart are compared place by place. */
function compareByPlace(before: readonly unknown[], after: readonly unknown[], pointer: string): RedlineEntry[] {
  const length = Math.max(before.length, after.length);
  return Array.from({ length }, (_, index) => index).flatMap((index): RedlineEntry[] => {
    const place = childPointer(pointer, index);
    if (index >= before.length) return [{ pointer: place, kind: 'added', after: after[index] }];
    if (index >= after.length) return [{ pointer: place, kind: 'removed', before: before[index] }];
    return compare(before[index], after[index], place);
  });
}

/** Where each item stands, by its identity; null unless every item has one and no two share it. */
function identified(list: readonly unknown[]): Map<string, number> | null {
  const places = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const name = identityOf(item);
    if (name === null || places.has(name)) return null;
    places.set(name, index);
  }
  return places;
}

function identityOf(item: unknown): string | null {
  if (typeof item === 'string') return `text ${item}`;
  if (!isRecord(item)) return null;
  for (const field of IDENTITIES) {
    if (typeof item[field] === 'string') return `${field} ${item[field]}`;
  }
  return null;
}

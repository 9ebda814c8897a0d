/** A deep copy of a JSON value with one place (an RFC 6901 JSON pointer) set, or taken away when `value` is undefined. */
export function edited<Value>(original: Value, pointer: string, value: unknown): Value {
  const copy = structuredClone(original);
  const tokens = pointer.split('/').slice(1);
  const last = tokens.pop() ?? '';
  const holder = tokens.reduce<unknown>((at, token) => Reflect.get(Object(at), token) as unknown, copy);
  if (value === undefined) Reflect.deleteProperty(Object(holder), last);
  else Reflect.set(Object(holder), last, value);
  return copy;
}

/** Every object inside a JSON value, by its pointer, the value itself included. */
export function objectsWithin(value: unknown, pointer = ''): string[] {
  if (value === null || typeof value !== 'object') return [];
  const deeper = Object.entries(value).flatMap(([key, member]) => objectsWithin(member, `${pointer}/${key}`));
  return Array.isArray(value) ? deeper : [pointer, ...deeper];
}

import { Type } from '@nestjs/common';

type NestedType = (() => Type) | undefined;
const remembered = new WeakMap<object, Map<string, NestedType>>();

/** Puts a field on the allow-list of its shape. */
export function rememberField(type?: () => Type): PropertyDecorator {
  return (prototype, name) => {
    const fields = remembered.get(prototype) ?? new Map<string, NestedType>();
    fields.set(String(name), type);
    remembered.set(prototype, fields);
  };
}

/** Every declared field of a shape, inherited ones first. */
export function fieldsOf(shape: Type): Map<string, NestedType> {
  const chain: object[] = [];
  for (let prototype = shape.prototype as object; prototype; prototype = Object.getPrototypeOf(prototype) as object) {
    chain.unshift(prototype);
  }
  return new Map(chain.flatMap((prototype) => [...(remembered.get(prototype) ?? [])]));
}

/**
 * What an answer shows of a thing: the fields that its shape declares and nothing else, so that a new column is
 * never published by accident. Instants become RFC 3339, bigints numbers (they are held within 2^53−1 by the terms).
 */
export function shown(shape: Type, source: object): Record<string, unknown> {
  const answer: Record<string, unknown> = {};
  for (const [name, type] of fieldsOf(shape)) {
    const value = (source as Record<string, unknown>)[name];
    if (value !== undefined) answer[name] = type ? shownNested(type(), value) : plain(value);
  }
  return answer;
}

function shownNested(shape: Type, value: unknown): unknown {
  if (value === null) return null;
  return Array.isArray(value) ? value.map((item) => shown(shape, item as object)) : shown(shape, value as object);
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? Number(value) : value;
}

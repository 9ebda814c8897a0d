import canonicalize from 'canonicalize';
import { childPointer } from './json-pointer.js';

/** Containers nested deeper than this are refused, so that no value can exhaust the stack. */
const DEPTH_MAX = 128;

/** A value that has no single canonical form. `pointer` (RFC 6901) says where it was met. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError';

  constructor(
    readonly pointer: string,
    readonly reason: string,
  ) {
    super(`${pointer || 'the value'}: ${reason}`);
  }
}

/**
 * The canonical form of a JSON value (RFC 8785, JCS): members sorted by UTF-16 code unit, no white space, ECMAScript numbers.
 *
 * Whatever JSON cannot say is refused rather than dropped: the bytes are signed, and a member that vanished on the
 * way would be a promise nobody signed. Strings are not normalised here; that is done where text enters.
 */
export function canonicalJson(value: unknown): string {
  assertJson(value, '', new Set());
  const canonical = canonicalize(value);
  // The walk above has excluded every value for which the library answers undefined.
  if (canonical === undefined) throw new CanonicalJsonError('', 'the value has no canonical form');
  return canonical;
}

function assertJson(value: unknown, pointer: string, ancestors: Set<object>): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') return assertText(value, pointer);
  if (typeof value === 'number') return assertFinite(value, pointer);
  if (typeof value !== 'object') throw new CanonicalJsonError(pointer, `a ${typeof value} is not JSON`);
  assertContainer(value, pointer, ancestors);
}

function assertContainer(value: object, pointer: string, ancestors: Set<object>): void {
  if (ancestors.has(value)) throw new CanonicalJsonError(pointer, 'the value contains itself');
  if (ancestors.size >= DEPTH_MAX) throw new CanonicalJsonError(pointer, `nested deeper than ${DEPTH_MAX}`);
  ancestors.add(value);
  if (Array.isArray(value)) assertList(value, pointer, ancestors);
  else assertRecord(value, pointer, ancestors);
  ancestors.delete(value);
}

function assertText(text: string, pointer: string): void {
  if (!text.isWellFormed()) throw new CanonicalJsonError(pointer, 'a lone surrogate is not text');
}

function assertFinite(value: number, pointer: string): void {
  if (!Number.isFinite(value)) throw new CanonicalJsonError(pointer, `${value} is not a JSON number`);
}

function assertList(list: unknown[], pointer: string, ancestors: Set<object>): void {
  if (Object.getPrototypeOf(list) !== Array.prototype) throw new CanonicalJsonError(pointer, 'not a plain array');
  // The names present are every index that is really there, and `length`: a stray member makes one too many.
  if (Reflect.ownKeys(list).length > list.length + 1) {
    throw new CanonicalJsonError(pointer, 'an array with extra members is not JSON');
  }
  for (let index = 0; index < list.length; index += 1) {
    assertJson(ownValue(list, String(index), pointer), childPointer(pointer, index), ancestors);
  }
}

function assertRecord(record: object, pointer: string, ancestors: Set<object>): void {
  const prototype: unknown = Object.getPrototypeOf(record);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new CanonicalJsonError(pointer, 'only plain objects are JSON');
  }
  for (const key of Reflect.ownKeys(record)) {
    if (typeof key === 'symbol') throw new CanonicalJsonError(pointer, 'a symbol is not a member name');
    assertText(key, pointer);
    assertJson(ownValue(record, key, pointer), childPointer(pointer, key), ancestors);
  }
}

function ownValue(container: object, key: string, pointer: string): unknown {
  const property = Object.getOwnPropertyDescriptor(container, key);
  // A hole has no property; an accessor could answer differently to this walk and to the serialiser.
  if (!property?.enumerable || !('value' in property)) {
    throw new CanonicalJsonError(childPointer(pointer, key), 'only plain enumerable members are JSON, and no holes');
  }
  return property.value;
}

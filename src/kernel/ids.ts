import { randomFillSync } from 'node:crypto';
import { sha256 } from './digests.js';

/** Random bytes that no id has had yet: one call to the generator for many ids, as a call costs more than an id. */
const unused = Buffer.alloc(4_096);
let used = unused.length;

let latest = { millisecond: 0, sequence: 0 };

/**
 * A UUID version 7 (RFC 9562 §5.7) of the given instant: ids of one table sort by the time they were made,
 * which keeps their index narrow at the right edge. Within one millisecond a counter takes the place of `rand_a` (its
 * method 1), so that what one process makes in a row also sorts in that order, up to 4,096 a millisecond.
 */
export function newId(at: Date): string {
  const bytes = freshBytes();
  bytes.writeUIntBE(at.getTime(), 0, 6);
  const millisecond = at.getTime();
  latest = { millisecond, sequence: millisecond === latest.millisecond ? (latest.sequence + 1) & 0xfff : 0 };
  bytes.writeUInt16BE(0x7000 | latest.sequence, 6);
  return written(bytes);
}

/**
 * The id of something that follows from facts: the same instant and name give the same id, whoever works it out and
 * however often. A UUID version 8 (RFC 9562 §5.8) that sorts by its instant as those of `newId` do.
 */
export function derivedId(at: Date, name: string): string {
  const bytes = sha256(name).subarray(0, 16);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  return written(bytes);
}

function freshBytes(): Buffer {
  if (used === unused.length) {
    randomFillSync(unused);
    used = 0;
  }
  used += 16;
  return unused.subarray(used - 16, used);
}

/** Sixteen bytes with the variant of RFC 9562, as text. */
function written(bytes: Buffer): string {
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text may be looked up as an id at all; a lookup with anything else is an absent row, not an error. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

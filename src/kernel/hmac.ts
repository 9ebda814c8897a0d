import { hash } from 'node:crypto';
import { sha256 } from './digests.js';

const blockBytes = 64;
const digestBytes = 32;

/**
 * HMAC-SHA-256 (RFC 2104) under one key, from two digests made in one call each. It gives what `createHmac` gives, which
 * makes an object of the key for every text and costs the path of a decision several times as much.
 */
export class HmacSha256 {
  /** The block that stands before the text, with room for the text itself. */
  private inner = Buffer.alloc(blockBytes + 4_096, 0x36);
  /** The block that stands before the inner digest, with that digest after it. */
  private readonly outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);

  constructor(key: Uint8Array) {
    const short = key.length > blockBytes ? sha256(key) : key;
    short.forEach((byte, at) => {
      this.inner[at] = byte ^ 0x36;
      this.outer[at] = byte ^ 0x5c;
    });
  }

  /** The code of a text's UTF-8 bytes. */
  of(text: string): Buffer {
    const bytes = blockBytes + Buffer.byteLength(text);
    if (bytes > this.inner.length) this.inner = Buffer.concat([this.inner.subarray(0, blockBytes)], 2 * bytes);
    this.inner.write(text, blockBytes);
    hash('sha256', this.inner.subarray(0, bytes), 'buffer').copy(this.outer, blockBytes);
    return hash('sha256', this.outer, 'buffer');
  }
}

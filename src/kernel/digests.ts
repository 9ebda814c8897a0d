import { createHash } from 'node:crypto';

/** SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function sha256(data: Uint8Array | string): Buffer {
  return createHash('sha256').update(data).digest();
}

/** A digest as it is shown and compared everywhere: `sha-256:` and 64 lower-case hex digits. */
export type Digest = `sha-256:${string}`;

/** The digest of bytes, or of a text's UTF-8 bytes. */
export function digestOf(data: Uint8Array | string): Digest {
  return `sha-256:${sha256(data).toString('hex')}`;
}

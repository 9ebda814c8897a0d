import { ed25519 } from '@noble/curves/ed25519.js';
import { createPublicKey, verify } from 'node:crypto';
import { bytesOfBase64url } from './base64url.js';
import { sha256 } from './digests.js';

/** Why a public key is refused: each fault, and what its owner is told. */
export const keyFaults = {
  not_base64url: 'The key is not base64url without padding, in the one spelling of its bytes.',
  wrong_length: 'A raw Ed25519 public key has 32 bytes. A PEM or DER file holds more: take its last 32 bytes.',
  not_on_curve: 'The bytes are no point of the curve, so they are no Ed25519 public key.',
  not_canonical: 'The bytes are another spelling of a point, which RFC 8032 refuses.',
  small_order: 'The point has small order: anybody can make signatures that hold under it.',
  mixed_order: 'The point lies outside the group that keys come from. Make the key with another program.',
} as const;

export type KeyFault = keyof typeof keyFaults;

/**
 * Why 32 raw bytes may not be used as a public key, or null. The decoding is that of RFC 8032 §5.1.3: y below p, no
 * sign on a zero x, a point of the curve. Two kinds of point are refused beyond it:
 *
 * - Those of small order. Signatures under them hold for many messages, so nobody is bound by one.
 * - Those of mixed order, which have such a point added. RFC 8032 §5.1.5 makes none. Under such a key many a signature
 *   holds only for verifiers that multiply by the cofactor, and the RFC leaves that open, so that the lab, the partner
 *   and a court could each see something else. No owner of an ordinary key loses anything.
 */
export function publicKeyFault(raw: Uint8Array): Exclude<KeyFault, 'not_base64url'> | null {
  if (raw.length !== 32) return 'wrong_length';
  const point = lenientPoint(raw);
  if (point === null) return 'not_on_curve';
  if (Buffer.compare(point.toBytes(), raw) !== 0) return 'not_canonical';
  if (point.isSmallOrder()) return 'small_order';
  return point.isTorsionFree() ? null : 'mixed_order';
}

/** The point that the bytes spell in any way at all; the one canonical way is what comes out when it is written again. */
function lenientPoint(raw: Uint8Array): InstanceType<typeof ed25519.Point> | null {
  try {
    return ed25519.Point.fromBytes(raw, true);
  } catch {
    return null;
  }
}

/** Reads a raw public key in base64url, 43 characters without padding; the fault when it may not be used. */
export function parsePublicKey(base64url: string): { raw: Uint8Array } | { fault: KeyFault } {
  const raw = bytesOfBase64url(base64url);
  if (raw === null) return { fault: 'not_base64url' };
  const fault = publicKeyFault(raw);
  return fault === null ? { raw } : { fault };
}

/**
 * The id of a public key given in base64url: the first 16 hex digits of SHA-256 over its raw bytes. It names a key
 * among those on file and proves nothing: with 64 bits, two keys of one id can be made.
 */
export function keyIdOf(publicKey: string): string {
  return sha256(Buffer.from(publicKey, 'base64url')).toString('hex').slice(0, 16);
}

/** The neutral point, as the first half of a signature. */
const identity = Buffer.from(ed25519.Point.ZERO.toBytes());

/**
 * Whether an Ed25519 signature (RFC 8032 §5.1.7) of 64 bytes by a raw public key holds over a message. False, never an
 * error, for a signature of another length and for a key with a fault.
 *
 * Node (OpenSSL) judges, because it takes the stricter of the two equations that the RFC permits: without the cofactor,
 * so that whatever holds here holds for every verifier that follows the RFC. It refuses S ≥ L, and compares R as bytes,
 * which refuses other spellings of R. The library that judges keys multiplies by the cofactor and would take more.
 *
 * Some versions of Node also refuse points of small order, A and R; here they are refused whatever the version. Under a
 * faultless key the only such R that could hold is the neutral point: who signs with it gives the private key away.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKeyFault(publicKey) !== null || identity.equals(signature.subarray(0, 32))) return false;
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
}

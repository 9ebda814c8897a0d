import { bytesOfBase64url } from './base64url.js';
import { canonicalJson } from './canonical-json.js';
import { keyIdOf, parsePublicKey, verifyEd25519 } from './ed25519.js';
import { parseStrictJson } from './strict-json.js';

/** Why a detached JWS does not hold: each fault, and what its signer is told. */
export const jwsFaults = {
  malformed:
    'Not a detached JWS. Expected: the protected header, two full stops, 64 bytes of signature; both in base64url without padding.',
  wrong_header:
    'The protected header must have exactly these members, each once: "alg":"EdDSA", "b64":false, "crit":["b64"], and "kid" with the 16 hex digits of the key id.',
  wrong_key: 'The header names another key. Sign with the key whose id stands in "kid", and name that key.',
  unusable_key: 'The public key is not one under which a signature can bind anybody.',
  does_not_verify:
    'The signature does not hold over these bytes. Sign the ASCII bytes of the protected header, a full stop, and the exact bytes of the document, not encoded in base64url.',
} as const;

export type JwsFault = keyof typeof jwsFaults;

/** The parts of a well-formed detached JWS. */
interface Parts {
  protectedHeader: string;
  keyId: string;
  signature: Uint8Array;
}

const compactForm = /^([\w-]+)\.\.([\w-]+)$/;
const keyIdForm = /^[0-9a-f]{16}$/;

/**
 * Whether a detached JWS (RFC 7515 Appendix F) with an unencoded payload (RFC 7797) and an Ed25519 signature (RFC 8037)
 * holds over the bytes of `payload` under a raw public key in base64url: null when it does, else the fault.
 *
 * The members of the header may stand in any order, since the signature covers its very characters. Everything else has
 * one spelling, so that no character of a JWS that holds can be changed.
 *
 * The parts are taken apart here and not by `jose`, which takes other spellings of the signature (padding, white space,
 * stray bits) and a header that says a thing twice, and answers by a promise, which a pure decision cannot await.
 */
export function verifyDetachedJws(jws: string, payload: Uint8Array, publicKey: string): JwsFault | null {
  const parts = partsOf(jws);
  if (typeof parts === 'string') return parts;
  const key = parsePublicKey(publicKey);
  if ('fault' in key) return 'unusable_key';
  if (parts.keyId !== keyIdOf(publicKey)) return 'wrong_key';
  const signed = bytesToSign(parts.protectedHeader, payload);
  return verifyEd25519(key.raw, signed, parts.signature) ? null : 'does_not_verify';
}

/** The id of the key that a detached JWS names, 16 hex digits; null when it is malformed or its header is wrong. */
export function jwsKeyId(jws: string): string | null {
  const parts = partsOf(jws);
  return typeof parts === 'string' ? null : parts.keyId;
}

/**
 * What a key of this id (16 hex digits) has to sign for a payload. The JWS is `protected`, two full stops, and the
 * signature over `bytes` in base64url.
 */
export function signingInput(keyId: string, payload: Uint8Array): { protected: string; bytes: Uint8Array } {
  const header = canonicalJson({ alg: 'EdDSA', b64: false, crit: ['b64'], kid: keyId });
  const protectedHeader = Buffer.from(header).toString('base64url');
  return { protected: protectedHeader, bytes: bytesToSign(protectedHeader, payload) };
}

function bytesToSign(protectedHeader: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${protectedHeader}.`), payload]);
}

function partsOf(jws: string): Parts | 'malformed' | 'wrong_header' {
  const [, protectedHeader = '', encodedSignature = ''] = compactForm.exec(jws) ?? [];
  const header = bytesOfBase64url(protectedHeader);
  const signature = bytesOfBase64url(encodedSignature);
  if (header === null || signature?.length !== 64) return 'malformed';
  const keyId = keyIdIn(header);
  return keyId === null ? 'wrong_header' : { protectedHeader, keyId, signature };
}

/** The key id of a header that is as it must be, else null. */
function keyIdIn(header: Buffer): string | null {
  try {
    const members = parseStrictJson(header.toString());
    const { kid } = members as { kid?: unknown };
    if (typeof kid !== 'string' || !keyIdForm.test(kid)) return null;
    // Compared in canonical form, the whole header is either the expected one or not. No byte that is not UTF-8 can be.
    const expected = { alg: 'EdDSA', b64: false, crit: ['b64'], kid };
    return canonicalJson(members) === canonicalJson(expected) ? kid : null;
  } catch {
    return null;
  }
}

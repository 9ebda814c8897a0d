import { keyFaults, keyIdOf, parsePublicKey, verifyEd25519 } from '../../kernel/ed25519.js';
import { invalid } from '../../http/validation.js';

/** Refuses a public key in base64url for which others than its holder could sign, or that is none. */
export function assertPublicKey(publicKey: string): void {
  const parsed = parsePublicKey(publicKey);
  if ('raw' in parsed) return;
  const expected = 'a raw Ed25519 public key: 32 bytes, base64url without padding';
  throw invalid([{ pointer: '/publicKey', code: 'field.wrong', detail: keyFaults[parsed.fault], expected }]);
}

/** Refuses a signature that is not one of the challenge's UTF-8 bytes by the key; both come in base64url. */
export function assertSigned(
  { publicKey, challenge }: { publicKey: string; challenge: string },
  signature: string,
  pointer: string,
): void {
  const [key, bytes] = [publicKey, signature].map((text) => Buffer.from(text, 'base64url'));
  if (verifyEd25519(key!, Buffer.from(challenge), bytes!)) return;
  const expected = 'the Ed25519 signature of the challenge’s UTF-8 bytes, base64url';
  const detail = `The signature does not match the challenge and the key ${keyIdOf(publicKey)}.`;
  throw invalid([{ pointer, code: 'field.wrong', detail, expected }]);
}

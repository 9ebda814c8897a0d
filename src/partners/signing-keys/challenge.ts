import { randomBytes } from 'node:crypto';
import { day } from '../../kernel/clock.js';

/** How long a challenge may be answered. */
const challengeLifetime = day;

/** What a challenge binds a proof to. */
interface ChallengedKey {
  organisationId: string;
  keyId: string;
  publicKey: string;
  registeredAt: Date;
}

/**
 * A fresh text to sign. Its first line says what for, so that a signature under it is one under nothing else; the nonce
 * of 32 bytes makes each unlike every other. `predecessorKeyId` is that of the key to be replaced, null for none.
 */
export function newChallenge(
  { organisationId, keyId, publicKey, registeredAt }: ChallengedKey,
  predecessorKeyId: string | null,
): string {
  return [
    'parley-signing-key/1',
    `organisation: ${organisationId}`,
    `key id: ${keyId}`,
    `public key: ${publicKey}`,
    `replaces: ${predecessorKeyId ?? 'none'}`,
    `nonce: ${randomBytes(32).toString('base64url')}`,
    `valid until: ${challengeEnd(registeredAt).toISOString()}`,
  ].join('\n');
}

/** Until when, exclusive, the challenge of a key that was registered then may be answered. */
export function challengeEnd(registeredAt: Date): Date {
  return new Date(registeredAt.getTime() + challengeLifetime);
}

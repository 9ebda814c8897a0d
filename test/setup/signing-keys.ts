import { generateKeyPairSync, sign } from 'node:crypto';
import { Cast } from '../../src/demo/contract.js';
import { Person } from '../../src/demo/person.js';

/** A key pair of a partner, which Parley sees the public half of. */
export interface Signer {
  /** The raw 32 bytes, base64url. */
  publicKey: string;
  /** Signs the UTF-8 bytes of a text; base64url. */
  sign: (text: string) => string;
}

/** A signing key as the API tells of it, as far as tests look. */
export interface SigningKey {
  id: string;
  keyId: string;
  state: string;
  challenge: string;
  replacesId: string | null;
  firstApprovedBy: string | null;
  secondApprovedBy: string | null;
  activeAt: string | null;
  endedAt: string | null;
  endReason: string | null;
  allowedActions: string[];
}

export function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ format: 'jwk' }).x!,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}

/** Registers a fresh signing key for an organisation. */
export function registerSigningKey(by: Person, organisationId: string, signer = newSigner()): Promise<SigningKey> {
  const body = { label: 'A key of the tests', publicKey: signer.publicKey };
  return by.post<SigningKey>(`/v1/partners/${organisationId}/signing-keys`, body);
}

/** Registers a fresh signing key and proves that its registrant holds it. */
export async function proveSigningKey(by: Person, organisationId: string, signer = newSigner()): Promise<SigningKey> {
  const { id, challenge } = await registerSigningKey(by, organisationId, signer);
  return by.post<SigningKey>(`/v1/signing-keys/${id}/proof`, { signature: signer.sign(challenge) });
}

/** Takes a fresh signing key to where its organisation may sign with it. */
export async function activateSigningKey(
  { partnerAdmin, partnerships, approver }: Cast,
  organisationId: string,
  signer = newSigner(),
): Promise<SigningKey> {
  const { id } = await proveSigningKey(partnerAdmin, organisationId, signer);
  await partnerships.post(`/v1/signing-keys/${id}/approvals`);
  return approver.post<SigningKey>(`/v1/signing-keys/${id}/approvals`);
}

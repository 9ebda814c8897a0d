import { Cast } from '../../src/demo/contract.js';
import { signingInput } from '../../src/kernel/detached-jws.js';
import { activateSigningKey, newSigner, Signer } from './signing-keys.js';

/** A key of a partner that may sign, as whoever holds its private half sees it. */
export interface ActiveSigner extends Signer {
  /** Of the row, for revoking it. */
  id: string;
  /** As a JWS names it in `kid`. */
  keyId: string;
}

/** Registers a fresh key, proves it and has two people of the lab approve it. */
export async function activeSigner(cast: Cast, organisationId: string): Promise<ActiveSigner> {
  const signer = newSigner();
  const { id, keyId } = await activateSigningKey(cast, organisationId, signer);
  return { ...signer, id, keyId };
}

/** What a signature by key adds to the body: a detached JWS over the document, which a test may make out of order. */
export function byKey(signer: Signer, keyId: string, document: string): { method: string; jws: string } {
  return { method: 'ed25519_jws', jws: jwsBy(signer, keyId, document) };
}

/** A detached JWS that names a key, over the UTF-8 bytes of a document. */
export function jwsBy(signer: Signer, keyId: string, document: string): string {
  const { protected: header } = signingInput(keyId, Buffer.from(document));
  return `${header}..${signer.sign(`${header}.${document}`)}`;
}

/** A detached JWS with a protected header of the test's own. */
export function jwsUnder(signer: Signer, header: object | string, document: string): string {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const encoded = Buffer.from(text).toString('base64url');
  return `${encoded}..${signer.sign(`${encoded}.${document}`)}`;
}

import { createPrivateKey, createPublicKey, KeyObject, sign } from 'node:crypto';
import { bytesOfBase64url } from '../kernel/base64url.js';
import { canonicalJson } from '../kernel/canonical-json.js';
import { keyIdOf, verifyEd25519 } from '../kernel/ed25519.js';

/** The service's signature over a document: Ed25519 (RFC 8032) over the JCS bytes of the document without its seal. */
export interface Seal {
  algorithm: 'Ed25519';
  /** First 16 hex digits of SHA-256 over the raw public key. */
  keyId: string;
  /** The raw 32-byte public key, base64url. Compare `keyId` with what the lab published. */
  publicKey: string;
  /** 64 bytes, base64url. */
  signature: string;
}

/** Why sealed bytes are not whole. */
export interface Unsealed {
  fault: string;
  /** False for what is no sealed document at all; true for one that was altered. */
  usable: boolean;
}

/** The service's sealing key. */
export class Sealer {
  readonly publicKey: string;
  readonly keyId: string;

  private constructor(private readonly privateKey: KeyObject) {
    this.publicKey = createPublicKey(privateKey).export({ format: 'jwk' }).x!;
    this.keyId = keyIdOf(this.publicKey);
  }

  /** From a PKCS #8 PEM. */
  static fromPem(pem: string): Sealer {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('The sealing key must be an Ed25519 key.');
    return new Sealer(key);
  }

  /** The document with its seal, as the bytes to keep and hand out: JCS, so that each document has one form only. */
  seal(document: Record<string, unknown>): Buffer {
    const signature = sign(null, Buffer.from(canonicalJson(document)), this.privateKey).toString('base64url');
    const seal: Seal = { algorithm: 'Ed25519', keyId: this.keyId, publicKey: this.publicKey, signature };
    return Buffer.from(canonicalJson({ ...document, seal }));
  }
}

/**
 * Reads sealed bytes: the document when they are in canonical form and the seal holds, else why not. The canonical
 * form is demanded, so that no byte of a sealed file can differ and still be called whole.
 */
export function openSealed(bytes: Buffer): { document: Record<string, unknown>; seal: Seal } | Unsealed {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (!Buffer.from(canonicalJson(parsed)).equals(bytes))
      return { fault: 'The bytes are not in canonical form.', usable: true };
  } catch {
    return { fault: 'The bytes are not a JSON document.', usable: false };
  }
  if (typeof parsed !== 'object' || parsed === null) {
    return { fault: 'The bytes are not a JSON object.', usable: false };
  }
  const { seal, ...document } = parsed as Record<string, unknown>;
  if (!isSeal(seal)) return { fault: 'The document carries no seal of a known kind.', usable: false };
  const [key, signature] = [Buffer.from(seal.publicKey, 'base64url'), Buffer.from(seal.signature, 'base64url')];
  const holds = verifyEd25519(key, Buffer.from(canonicalJson(document)), signature);
  return holds ? { document, seal } : { fault: 'The seal does not match the document.', usable: true };
}

/** Whether a value is a seal in its one canonical spelling; base64url with stray bits is refused. */
function isSeal(value: unknown): value is Seal {
  if (typeof value !== 'object' || value === null) return false;
  const { algorithm, keyId, publicKey, signature } = value as Partial<Record<keyof Seal, unknown>>;
  return (
    Object.keys(value).length === 4 &&
    algorithm === 'Ed25519' &&
    isBase64Url(publicKey, 32) &&
    isBase64Url(signature, 64) &&
    keyId === keyIdOf(publicKey)
  );
}

function isBase64Url(value: unknown, length: number): value is string {
  return typeof value === 'string' && bytesOfBase64url(value)?.length === length;
}

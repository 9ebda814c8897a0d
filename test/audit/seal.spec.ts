import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openSealed, Sealer } from '../../src/audit/seal.js';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import { keyIdOf } from '../../src/kernel/ed25519.js';

const newSealer = () => Sealer.fromPem(pemOf('ed25519'));
const sealer = newSealer();
const document = {
  schema: 'a-document/1',
  name: 'Ümlaut & "quotes"',
  count: 12,
  list: [1, 2.5, null, true],
  empty: {},
};

function pemOf(type: 'ed25519' | 'ed448'): string {
  const { privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const isWhole = (bytes: Buffer): boolean => !('fault' in openSealed(bytes));

/** The sealed document with its seal changed, in canonical form again. */
function withSeal(bytes: Buffer, change: Record<string, unknown>): Buffer {
  const parsed = JSON.parse(bytes.toString()) as { seal: object };
  return Buffer.from(canonicalJson({ ...parsed, seal: { ...parsed.seal, ...change } }));
}

describe('a sealed document', () => {
  it('opens as what was sealed, under the key that sealed it', () => {
    const opened = openSealed(sealer.seal(document));
    expect(opened).toMatchObject({ document, seal: { algorithm: 'Ed25519', keyId: sealer.keyId } });
  });

  it('is the same bytes each time it is sealed, whatever the order of its members', () => {
    const reversed = Object.fromEntries(Object.entries(document).toReversed());
    expect(sealer.seal(reversed)).toEqual(sealer.seal(document));
  });

  it('is not whole with any one bit of any one byte flipped', () => {
    const bytes = sealer.seal(document);
    const whole = [];
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << bit;
        if (isWhole(changed)) whole.push(`byte ${at}, bit ${bit}`);
      }
    }
    expect(isWhole(bytes)).toBe(true);
    expect(whole).toEqual([]);
  });

  it('is not whole with a byte left out, put in or cut off', () => {
    const bytes = sealer.seal(document);
    for (let at = 0; at < bytes.length; at += 1) {
      expect(isWhole(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])), `without ${at}`).toBe(false);
      expect(isWhole(bytes.subarray(0, at)), `cut at ${at}`).toBe(false);
      const padded = Buffer.concat([bytes.subarray(0, at), Buffer.from(' '), bytes.subarray(at)]);
      expect(isWhole(padded), `a space at ${at}`).toBe(false);
    }
    for (const tail of ['\n', ' ', '\0', '{}']) expect(isWhole(Buffer.concat([bytes, Buffer.from(tail)]))).toBe(false);
  });

  it('takes one spelling of signature and key only: base64url without stray bits, padding or the other alphabet', () => {
    const bytes = sealer.seal(document);
    const { signature, publicKey } = (JSON.parse(bytes.toString()) as { seal: Record<string, string> }).seal;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    let sameBytes = 0;
    for (const [field, text] of Object.entries({ signature: signature!, publicKey: publicKey! })) {
      for (const last of alphabet) {
        const other = text.slice(0, -1) + last;
        if (other === text) continue;
        if (Buffer.from(other, 'base64url').equals(Buffer.from(text, 'base64url'))) sameBytes += 1;
        expect(isWhole(withSeal(bytes, { [field]: other })), `${field} …${last}`).toBe(false);
      }
      for (const other of [`${text}=`, `${text}==`, ` ${text}`, `${text}\n`, `${text}!`, `${text}A`]) {
        expect(isWhole(withSeal(bytes, { [field]: other })), other).toBe(false);
      }
    }
    expect(sameBytes, 'the alphabet holds spellings that decode alike').toBeGreaterThan(0);
  });

  it('is not whole under another key, another key id or another algorithm', () => {
    const bytes = sealer.seal(document);
    const other = newSealer();
    expect(isWhole(withSeal(bytes, { keyId: other.keyId }))).toBe(false);
    expect(isWhole(withSeal(bytes, { publicKey: other.publicKey, keyId: other.keyId }))).toBe(false);
    expect(isWhole(withSeal(bytes, { algorithm: 'ed25519' }))).toBe(false);
    expect(isWhole(withSeal(bytes, { more: 1 }))).toBe(false);
    expect(isWhole(withSeal(bytes, { signature: Buffer.alloc(64).toString('base64url') }))).toBe(false);
  });

  it('is not whole under a key of small order, under which one signature holds over everything', () => {
    const publicKey = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString('base64url');
    // S = 1 and R = B, the base point: S·B = R + k·A for every k, since A is the neutral point.
    const base = Buffer.concat([Buffer.of(0x58), Buffer.alloc(31, 0x66)]);
    const signature = Buffer.concat([base, Buffer.of(1), Buffer.alloc(31)]).toString('base64url');
    const seal = { publicKey, keyId: keyIdOf(publicKey), signature };
    const opened = openSealed(withSeal(sealer.seal(document), seal));
    expect(opened).toEqual({ fault: 'The seal does not match the document.', usable: true });
  });

  it.each([
    '',
    'null',
    'true',
    '1',
    '"text"',
    '[]',
    '{}',
    '{"seal":null}',
    '{"seal":[]}',
    '{"seal":{}}',
    '{"seal":"x"}',
  ])('is not %j, which is refused and never thrown over', (text) =>
    expect(openSealed(Buffer.from(text))).toHaveProperty('fault'),
  );

  it('is sealed with Ed25519 and nothing else', () => {
    expect(() => Sealer.fromPem(pemOf('ed448'))).toThrow(TypeError);
    expect(() => Sealer.fromPem('no key')).toThrow();
  });
});

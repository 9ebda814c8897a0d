import { ed25519 } from '@noble/curves/ed25519.js';
import * as fc from 'fast-check';
import { createHash, generateKeyPairSync, KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyFaults, keyIdOf, parsePublicKey, publicKeyFault, verifyEd25519 } from '../../src/kernel/ed25519.js';
import { vectors } from './vectors.js';

const { Point } = ed25519;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const read = (folder: { url: URL }, path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, folder.url), 'utf8'));

const cctv = vectors('cctv-ed25519');
const rfc = vectors('rfc8032');
const wycheproof = vectors('wycheproof');

interface Cctv {
  number: number;
  key: string;
  sig: string;
  msg: string;
  flags: string[] | null;
}
interface Case {
  name: string;
  key: Buffer;
  message: Buffer;
  signature: Buffer;
}

const cctvVectors = () => read(cctv, 'ed25519/ed25519vectors.json') as Cctv[];
const cctvCase = ({ number, key, msg, sig }: Cctv): Case => ({
  name: `CCTV ${number}`,
  key: hex(key),
  message: Buffer.from(msg),
  signature: hex(sig),
});

/** What the flags of a CCTV vector say about its key. The fault named first by the decoding is the one that is told. */
function expectedKeyFault(flags: readonly string[]): string | null {
  if (flags.includes('non_canonical_A')) return 'not_canonical';
  if (flags.includes('low_order_A')) return 'small_order';
  return flags.includes('low_order_component_A') ? 'mixed_order' : null;
}

function rfcCases(): Case[] {
  const { tests } = read(rfc, 'vectors.json') as { tests: { pk: string; msg: string; sig: string }[] };
  return tests.map(({ pk, msg, sig }, at) => ({
    name: `RFC 8032 ${at + 1}`,
    key: hex(pk),
    message: hex(msg),
    signature: hex(sig),
  }));
}

function wycheproofCases(): (Case & { valid: boolean })[] {
  const { testGroups } = read(wycheproof, 'testvectors_v1/ed25519_test.json') as {
    testGroups: {
      publicKey: { pk: string };
      tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
    }[];
  };
  return testGroups.flatMap(({ publicKey, tests }) =>
    tests.map(({ tcId, comment, msg, sig, result }) => {
      if (result !== 'valid' && result !== 'invalid') throw new Error(`Nothing is said about ${result}.`);
      const name = `Wycheproof ${tcId}: ${comment}`;
      return { name, key: hex(publicKey.pk), message: hex(msg), signature: hex(sig), valid: result === 'valid' };
    }),
  );
}

const holds = ({ key, message, signature }: Case): boolean => verifyEd25519(key, message, signature);

/** The equation without the cofactor, S·B = R + k·A, worked out by another library and without OpenSSL. */
function holdsByHand({ key, message, signature }: Case): boolean {
  if (publicKeyFault(key) !== null || signature.length !== 64) return false;
  const [R, S] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
  if (S >= Point.Fn.ORDER || Point.ZERO.toHex() === R.toString('hex')) return false;
  const k = littleEndian(createHash('sha512').update(R).update(key).update(message).digest()) % Point.Fn.ORDER;
  const expected = Point.BASE.multiplyUnsafe(S).subtract(Point.fromBytes(key).multiplyUnsafe(k));
  return Buffer.from(expected.toBytes()).equals(R);
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from([...bytes].toReversed()).toString('hex')}`);
}

/** A point of order 8; its multiples are all eight points of small order. */
const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');

describe('a public key', () => {
  it.skipIf(cctv.absent)(`is refused in each of the CCTV vectors that flags its key, and no other${cctv.note}`, () => {
    const all = cctvVectors();
    expect(all).toHaveLength(914);
    for (const { number, key, flags } of all) {
      expect(publicKeyFault(hex(key)), `${number}: ${flags?.join()}`).toBe(expectedKeyFault(flags ?? []));
    }
    const told = new Set(all.map(({ flags }) => expectedKeyFault(flags ?? [])));
    expect(told).toEqual(new Set(['not_canonical', 'small_order', 'mixed_order', null]));
  });

  it.skipIf(cctv.absent)(`is refused in every listed spelling of a point of small order${cctv.note}`, () => {
    const { keys } = read(cctv, 'low-order-public-keys.json') as { keys: string[] };
    expect(keys).toHaveLength(14);
    for (const key of keys) expect(['small_order', 'not_canonical'], key).toContain(publicKeyFault(hex(key)));
  });

  it('is refused on every point of small order, and on each of them added to an honest key', () => {
    const honest = Point.fromBytes(publicKeyOf(generateKeyPairSync('ed25519').publicKey));
    expect(publicKeyFault(Point.ZERO.toBytes())).toBe('small_order');
    expect(publicKeyFault(honest.toBytes())).toBeNull();
    for (let times = 1n; times < 8n; times += 1n) {
      const small = torsion.multiplyUnsafe(times);
      expect(publicKeyFault(small.toBytes()), `${times}`).toBe('small_order');
      expect(publicKeyFault(honest.add(small).toBytes()), `honest and ${times}`).toBe('mixed_order');
    }
  });

  it('has a y below p, no sign on a zero x, and lies on the curve', () => {
    // y = p + 3 spells the point with y = 3 a second time; y = 2 has no x.
    const three = hex(`03${'00'.repeat(31)}`);
    expect(publicKeyFault(hex(`f0${'ff'.repeat(30)}7f`))).toBe('not_canonical');
    expect(Point.fromBytes(hex(`f0${'ff'.repeat(30)}7f`), true).equals(Point.fromBytes(three))).toBe(true);
    expect(publicKeyFault(hex(`01${'00'.repeat(30)}80`))).toBe('not_canonical');
    expect(publicKeyFault(hex(`02${'00'.repeat(31)}`))).toBe('not_on_curve');
  });

  it('has 32 bytes', () => {
    for (const length of [0, 31, 33, 44, 64]) expect(publicKeyFault(Buffer.alloc(length, 1))).toBe('wrong_length');
  });

  it('is never thrown over, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (raw) => {
        const fault = publicKeyFault(raw);
        if (fault !== null) expect(Object.keys(keyFaults)).toContain(fault);
        expect(verifyEd25519(raw, Buffer.from('message'), Buffer.alloc(64))).toBe(false);
      }),
    );
  });

  it('is read from the one base64url spelling of its bytes', () => {
    // The key of RFC 8037 A.2.
    const text = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    const raw = hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(parsePublicKey(text)).toEqual({ raw });
    const others = [`${text}=`, ` ${text}`, `${text}\n`, text.replace('_', '/'), `${text.slice(0, -1)}p`];
    for (const other of others) expect(parsePublicKey(other), other).toEqual({ fault: 'not_base64url' });
    expect(Buffer.from(others[4]!, 'base64url')).toEqual(raw);
    expect(parsePublicKey('')).toEqual({ fault: 'wrong_length' });
    expect(parsePublicKey(raw.subarray(1).toString('base64url'))).toEqual({ fault: 'wrong_length' });
    expect(parsePublicKey(Buffer.alloc(32).toString('base64url'))).toEqual({ fault: 'small_order' });
  });

  it('has an id of the first 16 hex digits of its SHA-256', () => {
    expect(keyIdOf('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')).toBe('21fe31dfa154a261');
  });
});

describe('an Ed25519 signature', () => {
  it.skipIf(rfc.absent)(`holds in every RFC 8032 vector${rfc.note}`, () => {
    const cases = rfcCases();
    expect(cases).toHaveLength(4);
    for (const one of cases) expect(holds(one), one.name).toBe(true);
  });

  it.skipIf(wycheproof.absent)(`holds or not as every Wycheproof vector says, none left out${wycheproof.note}`, () => {
    const cases = wycheproofCases();
    expect(cases).toHaveLength(151);
    for (const one of cases) expect(holds(one), one.name).toBe(one.valid);
  });

  it.skipIf(cctv.absent)(`holds in the one CCTV vector without a flag, and in no other${cctv.note}`, () => {
    for (const vector of cctvVectors()) {
      expect(holds(cctvCase(vector)), `${vector.number}: ${vector.flags?.join()}`).toBe(vector.flags === null);
    }
    expect(cctvVectors().filter(({ flags }) => flags === null)).toHaveLength(1);
  });

  it.skipIf(cctv.absent || rfc.absent || wycheproof.absent)(
    `holds where another library finds the same equation true, in all vectors${cctv.note}`,
    () => {
      const cases = [...rfcCases(), ...wycheproofCases(), ...cctvVectors().map(cctvCase)];
      expect(cases).toHaveLength(1069);
      for (const one of cases) expect(holds(one), one.name).toBe(holdsByHand(one));
    },
  );

  it.skipIf(cctv.absent || rfc.absent || wycheproof.absent)(
    `also holds for a verifier with the cofactor, which takes more only where R or the key is off${cctv.note}`,
    () => {
      const withCofactor = ({ key, message, signature }: Case): boolean =>
        signature.length === 64 && ed25519.verify(signature, message, key, { zip215: false });
      for (const one of [...rfcCases(), ...wycheproofCases()]) expect(withCofactor(one), one.name).toBe(holds(one));
      for (const vector of cctvVectors()) {
        const one = cctvCase(vector);
        const flags = vector.flags ?? [];
        const more =
          expectedKeyFault(flags) === 'mixed_order' ||
          ['low_order_residue', 'low_order_R'].some((flag) => flags.includes(flag));
        if (holds(one) || !more) expect(withCofactor(one), one.name).toBe(holds(one));
      }
    },
  );

  it('holds over what was signed by whoever signed it, and not with any one bit of it flipped', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        (seed, message, position) => {
          const key = ed25519.getPublicKey(seed);
          const signature = ed25519.sign(message, seed);
          expect(verifyEd25519(key, message, signature)).toBe(true);
          expect(verifyEd25519(flipped(key, position), message, signature)).toBe(false);
          expect(verifyEd25519(key, flipped(message, position), signature)).toBe(false);
          expect(verifyEd25519(key, message, flipped(signature, position))).toBe(false);
        },
      ),
    );
  });

  it('of one message does not hold with any of its 512 bits flipped', () => {
    const seed = Buffer.alloc(32, 7);
    const [key, message] = [ed25519.getPublicKey(seed), Buffer.from('message')];
    const signature = ed25519.sign(message, seed);
    for (let bit = 0; bit < 512; bit += 1) {
      expect(verifyEd25519(key, message, flipped(signature, bit)), `bit ${bit}`).toBe(false);
    }
  });

  it('has 64 bytes', () => {
    const key = publicKeyOf(generateKeyPairSync('ed25519').publicKey);
    for (const length of [0, 1, 32, 63, 65, 128]) {
      expect(verifyEd25519(key, Buffer.from('message'), Buffer.alloc(length))).toBe(false);
    }
  });
});

function publicKeyOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url');
}

/** The bytes with one bit flipped; the position is taken round. */
function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const bit = position % (copy.length * 8);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

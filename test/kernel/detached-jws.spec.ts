import * as fc from 'fast-check';
import { FlattenedSign, flattenedVerify } from 'jose';
import { createPrivateKey, generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jwsFaults, jwsKeyId, signingInput, verifyDetachedJws } from '../../src/kernel/detached-jws.js';
import { keyIdOf, verifyEd25519 } from '../../src/kernel/ed25519.js';
import { vectors } from './vectors.js';

const wycheproof = vectors('wycheproof');

interface Signer {
  privateKey: KeyObject;
  publicKey: string;
  keyId: string;
}

function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const x = publicKey.export({ format: 'jwk' }).x!;
  return { privateKey, publicKey: x, keyId: keyIdOf(x) };
}

const signer = newSigner();
const payload = Buffer.from('{"digest":"sha-256:00","name":"Ümlaut","terms":[1,2,3]}');
const header = { alg: 'EdDSA', b64: false, crit: ['b64'], kid: signer.keyId };

/** A JWS over a header of any text at all. */
function signed(headerText: string, over: Uint8Array = payload, by: Signer = signer): string {
  const protectedHeader = Buffer.from(headerText).toString('base64url');
  const signature = sign(null, Buffer.concat([Buffer.from(`${protectedHeader}.`), over]), by.privateKey);
  return `${protectedHeader}..${signature.toString('base64url')}`;
}

function signedAsTold(over: Uint8Array = payload, by: Signer = signer): string {
  const input = signingInput(by.keyId, over);
  return `${input.protected}..${sign(null, input.bytes, by.privateKey).toString('base64url')}`;
}

const faultOf = (jws: string, over: Uint8Array = payload): string | null =>
  verifyDetachedJws(jws, over, signer.publicKey);

describe('a detached JWS', () => {
  it('holds over the bytes that were signed as told, and names its key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const jws = signedAsTold(bytes);
        expect(faultOf(jws, bytes)).toBeNull();
        expect(jwsKeyId(jws)).toBe(signer.keyId);
        // A payload with a full stop in it, or empty, is nothing special when it is detached (RFC 7797 §5.2).
        expect(jws.split('.')).toHaveLength(3);
      }),
    );
  });

  it('does not hold over any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
        fc.pre(!Buffer.from(one).equals(other));
        expect(faultOf(signedAsTold(one), other)).toBe('does_not_verify');
      }),
    );
  });

  it('does not hold with any one bit of any one of its characters flipped', () => {
    const jws = signedAsTold();
    const held = [];
    for (let at = 0; at < jws.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const character = String.fromCharCode(jws.charCodeAt(at) ^ (1 << bit));
        if (faultOf(jws.slice(0, at) + character + jws.slice(at + 1)) === null) held.push(`${at}, bit ${bit}`);
      }
    }
    expect(faultOf(jws)).toBeNull();
    expect(held).toEqual([]);
  });

  it('does not hold with a character left out, put in, doubled or put behind', () => {
    const jws = signedAsTold();
    for (let at = 0; at <= jws.length; at += 1) {
      const [before, after] = [jws.slice(0, at), jws.slice(at)];
      for (const put of [' ', '=', '.', 'A', '\n', jws.charAt(at)]) {
        if (put !== '') expect(faultOf(before + put + after), `${put} at ${at}`).not.toBeNull();
      }
      if (after !== '') expect(faultOf(before + after.slice(1)), `without ${at}`).not.toBeNull();
      if (after !== '') expect(faultOf(before), `cut at ${at}`).toBe('malformed');
    }
  });

  it('has one spelling of its signature: no stray bits, no padding, no other alphabet', () => {
    const jws = signedAsTold();
    const [start, last] = [jws.slice(0, -1), jws.at(-1)!];
    const alike = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
      .map((letter) => start + letter)
      .filter((other) =>
        Buffer.from(other.split('.')[2]!, 'base64url').equals(Buffer.from(lastPart(jws), 'base64url')),
      );
    expect(alike).toHaveLength(16);
    for (const other of alike) expect(faultOf(other), other).toBe(other.endsWith(last) ? null : 'malformed');
    expect(faultOf(`${jws}==`)).toBe('malformed');
  });

  it('may have the members of its header in any order and with white space, since these characters are signed', () => {
    const { alg, b64, crit, kid } = header;
    expect(faultOf(signed(JSON.stringify({ kid, crit, b64, alg }), payload))).toBeNull();
    expect(faultOf(signed(JSON.stringify(header, null, 2), payload))).toBeNull();
  });

  it.each<[string, string]>([
    // RFC 7797 §6: without `crit` a reader that does not know `b64` would take other bytes for the payload.
    ['no crit', JSON.stringify({ ...header, crit: undefined })],
    ['an empty crit', JSON.stringify({ ...header, crit: [] })],
    ['b64 critical twice', JSON.stringify({ ...header, crit: ['b64', 'b64'] })],
    ['another critical member', JSON.stringify({ ...header, crit: ['b64', 'exp'] })],
    ['a crit that is no list', JSON.stringify({ ...header, crit: 'b64' })],
    ['no b64', JSON.stringify({ ...header, b64: undefined })],
    ['b64 true', JSON.stringify({ ...header, b64: true })],
    ['b64 as a word', JSON.stringify({ ...header, b64: 'false' })],
    ['no algorithm', JSON.stringify({ ...header, alg: undefined })],
    ['the algorithm none', JSON.stringify({ ...header, alg: 'none' })],
    ['the algorithm HS256', JSON.stringify({ ...header, alg: 'HS256' })],
    ['the algorithm in small letters', JSON.stringify({ ...header, alg: 'eddsa' })],
    ['the algorithm by its other name', JSON.stringify({ ...header, alg: 'Ed25519' })],
    ['no key id', JSON.stringify({ ...header, kid: undefined })],
    ['a key id of another form', JSON.stringify({ ...header, kid: 'my-key' })],
    ['a key id in capitals', JSON.stringify({ ...header, kid: 'ABCDEF0123456789' })],
    ['a key id that is a number', JSON.stringify({ ...header, kid: 1_234_567_812_345_678 })],
    ['a member too many', JSON.stringify({ ...header, typ: 'JOSE' })],
    ['a key of its own', JSON.stringify({ ...header, jwk: { kty: 'OKP', crv: 'Ed25519', x: signer.publicKey } })],
    ['a doubled algorithm', `{"alg":"EdDSA",${JSON.stringify(header).slice(1)}`],
    ['a doubled member by an escape', `{"\\u0061lg":"none",${JSON.stringify(header).slice(1)}`],
    ['a forbidden member', `{"__proto__":{},${JSON.stringify(header).slice(1)}`],
    ['a byte order mark', `\ufeff${JSON.stringify(header)}`],
    ['text behind it', `${JSON.stringify(header)}{}`],
    ['a list for a header', JSON.stringify([header])],
    ['null for a header', 'null'],
    ['a text for a header', '"EdDSA"'],
    ['no JSON', 'EdDSA'],
  ])('with %s in its header is refused, though its signature is right', (_, text) => {
    const jws = signed(text);
    expect(faultOf(jws)).toBe('wrong_header');
    expect(jwsKeyId(jws)).toBeNull();
  });

  it('with a header that is not UTF-8 is refused', () => {
    const text = Buffer.concat([Buffer.from(JSON.stringify(header).slice(0, -2)), Buffer.of(0xff), Buffer.from('"}')]);
    expect(faultOf(`${text.toString('base64url')}..${'A'.repeat(86)}`)).toBe('wrong_header');
  });

  it.each([
    '',
    '.',
    '..',
    '...',
    `..${'A'.repeat(86)}`,
    `e30..${'A'.repeat(85)}`,
    `e30..${'A'.repeat(87)}`,
    `e30..`,
    `e3..${'A'.repeat(86)}`,
    `e30.e30.${'A'.repeat(86)}`,
    `e30..${'A'.repeat(86)}\n`,
    `{}..${'A'.repeat(86)}`,
    '{"protected":"e30","signature":""}',
  ])('is not %j', (text) => {
    expect(faultOf(text)).toBe('malformed');
    expect(jwsKeyId(text)).toBeNull();
  });

  it('is refused with its payload inside, encoded or not: the bytes at hand are the ones that count', () => {
    const [protectedHeader, , signature] = signedAsTold(Buffer.from('e30')).split('.');
    expect(faultOf(`${protectedHeader}.e30.${signature}`, Buffer.from('e30'))).toBe('malformed');
  });

  it('over the payload in base64url, as a signer makes it who does not know RFC 7797, does not hold', () => {
    const encoded = Buffer.from(payload.toString('base64url'));
    const jws = signedAsTold(encoded);
    expect(faultOf(jws, encoded)).toBeNull();
    expect(faultOf(jws)).toBe('does_not_verify');
  });

  it('under another key is told apart by its key id, and does not hold when it lies about it', () => {
    const other = newSigner();
    expect(faultOf(signedAsTold(payload, other))).toBe('wrong_key');
    expect(faultOf(signed(JSON.stringify(header), payload, other))).toBe('does_not_verify');
  });

  it('never holds under a key under which anything holds', () => {
    const neutral = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString('base64url');
    const signature = Buffer.concat([Buffer.of(0x58), Buffer.alloc(31, 0x66), Buffer.of(1), Buffer.alloc(31)]);
    const jws = `${signingInput(keyIdOf(neutral), payload).protected}..${signature.toString('base64url')}`;
    expect(verifyDetachedJws(jws, payload, neutral)).toBe('unusable_key');
    expect(verifyDetachedJws(signedAsTold(), payload, 'no key')).toBe('unusable_key');
  });

  it('made by another library holds here, and one made here holds there', async () => {
    const made = await new FlattenedSign(payload).setProtectedHeader(header).sign(signer.privateKey);
    expect(made.payload).toBe('');
    expect(faultOf(`${made.protected}..${made.signature}`)).toBeNull();

    const [protectedHeader, , signature] = signedAsTold().split('.');
    const key = { kty: 'OKP', crv: 'Ed25519', x: signer.publicKey };
    const verified = await flattenedVerify({ protected: protectedHeader!, payload, signature: signature! }, key);
    expect(verified.protectedHeader).toEqual(header);
  });

  it('has a sentence for every fault', () => {
    for (const sentence of Object.values(jwsFaults)) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});

describe('published JWS examples', () => {
  it('that RFC 8037 A.4 signs with the key of A.1: the signature is made and holds, and the form is not ours', () => {
    const [d, x] = ['nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'];
    const input = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc';
    const signature = 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';
    const privateKey = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
    expect(sign(null, Buffer.from(input), privateKey).toString('base64url')).toBe(signature);
    const [key, made] = [Buffer.from(x, 'base64url'), Buffer.from(signature, 'base64url')];
    expect(verifyEd25519(key, Buffer.from(input), made)).toBe(true);
    const text = Buffer.from('Example of Ed25519 signing');
    expect(verifyDetachedJws(`${input}.${signature}`, text, x)).toBe('malformed');
    expect(verifyDetachedJws(`eyJhbGciOiJFZERTQSJ9..${signature}`, text, x)).toBe('wrong_header');
  });

  it('that RFC 7797 §4 makes with a shared secret are refused, detached and not', () => {
    const unencoded = 'eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19';
    const encoded = 'eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ';
    const text = Buffer.from('$.02');
    expect(faultOf(`${unencoded}..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY`, text)).toBe('malformed');
    expect(faultOf(`${unencoded}..${'A'.repeat(86)}`, text)).toBe('wrong_header');
    expect(faultOf(encoded, text)).toBe('malformed');
  });

  it.skipIf(wycheproof.absent)(`of Wycheproof, none with an Ed25519 key, are all refused${wycheproof.note}`, () => {
    const { testGroups } = JSON.parse(
      readFileSync(new URL('testvectors_v1/json_web_signature_test.json', wycheproof.url), 'utf8'),
    ) as { testGroups: { tests: { tcId: number; jws: string }[] }[] };
    expect(JSON.stringify(testGroups)).not.toMatch(/Ed25519|EdDSA|OKP/);
    const examples = testGroups.flatMap(({ tests }) => tests);
    expect(examples).toHaveLength(401);
    for (const { tcId, jws } of examples) {
      // As it is, and with its payload taken out.
      const [start, text = '', ...rest] = jws.split('.');
      expect(faultOf(jws), `${tcId}`).not.toBeNull();
      expect(faultOf([start, '', ...rest].join('.'), Buffer.from(text, 'base64url')), `${tcId}`).not.toBeNull();
    }
  });
});

function lastPart(jws: string): string {
  return jws.slice(jws.lastIndexOf('.') + 1);
}

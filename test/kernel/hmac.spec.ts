import { assert, array, property, string, uint8Array } from 'fast-check';
import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { HmacSha256 } from '../../src/kernel/hmac.js';

it('every text under every key has the code that OpenSSL gives it, whatever was coded before', () => {
  const text = string({ unit: 'grapheme', maxLength: 6_000, size: 'max' });
  assert(
    property(uint8Array({ maxLength: 200 }), array(text, { minLength: 1, maxLength: 5 }), (key, texts) => {
      const codes = new HmacSha256(key);
      for (const one of texts) {
        expect(codes.of(one).toString('hex')).toBe(createHmac('sha256', key).update(one).digest('hex'));
      }
    }),
  );
});

it('a key of RFC 4231 gives the code that it tells', () => {
  const code = new HmacSha256(Buffer.from('Jefe')).of('what do ya want for nothing?').toString('hex');
  expect(code).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});

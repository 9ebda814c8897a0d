import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfBase64url } from '../../src/kernel/base64url.js';

describe('base64url', () => {
  it('is read back as the bytes that were written', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesOfBase64url(Buffer.from(bytes).toString('base64url'))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('has one spelling for any bytes, so no two texts are read alike', () => {
    const character = fc.constantFrom(...'ABYZabyz0189-_+/= \n.é');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 8 }), (text) => {
        const bytes = bytesOfBase64url(text);
        if (bytes !== null) expect(bytes.toString('base64url')).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  // RFC 4648 §10 has the first; the others decode alike where a reader is lenient.
  it.each(['Zm9v', 'Zg', '-_-_'])('takes %j', (text) => expect(bytesOfBase64url(text)).not.toBeNull());
  it.each(['Zg==', 'Zh', 'Z', '+/+/', 'Zm9v\n', ' Zm9v', 'Zm 9v', 'Zm9v!', 'Zm9vé'])('refuses %j', (text) =>
    expect(bytesOfBase64url(text)).toBeNull(),
  );
});

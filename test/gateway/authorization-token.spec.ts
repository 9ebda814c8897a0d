import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuthorizationTokens } from '../../src/gateway/authorization-token.js';
import { DecisionRow } from '../../src/gateway/journal.js';

const ours = new AuthorizationTokens({ bytes: Buffer.from('a secret of at least 32 characters') });
const others = new AuthorizationTokens({ bytes: Buffer.from('another secret of 32 characters..') });

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const row: fc.Arbitrary<DecisionRow> = fc
  .record({
    id: fc.uuid(),
    at: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
    gatewayId: fc.uuid(),
    keyId: fc.uuid(),
    agreementId: fc.uuid(),
    agreementVersion: fc.integer({ min: 1, max: 99 }),
    model: fc.string({ minLength: 1, maxLength: 40 }),
    endpoint: fc.string({ minLength: 1, maxLength: 40 }),
    inputTokens: count,
    outputTokens: count,
    address: fc.option(fc.ipV4(), { nil: null }),
    run: fc.option(fc.uuid(), { nil: null }),
    windows: fc.array(fc.record({ id: fc.uuid(), leaseId: fc.uuid(), reserved: count }), { maxLength: 6 }),
  })
  .map((one) => ({
    ...one,
    countedAt: one.at,
    code: 'allowed',
    reasons: null,
    holdsPlace: false,
    repeated: 1,
  }));

describe('the token of an authorization', () => {
  it('says exactly what the journal would have, and only to who holds the secret', () => {
    fc.assert(
      fc.property(row, (decision) => {
        const token = ours.sign(decision);
        expect(ours.read(token)).toEqual(decision);
        expect(others.read(token)).toBeNull();
      }),
    );
  });

  it('is none any more when any one character of it is another', () => {
    fc.assert(
      fc.property(row, fc.nat(), fc.constantFrom(...'AZaz09-_.'), (decision, at, character) => {
        const token = ours.sign(decision);
        const place = at % token.length;
        const changed = token.slice(0, place) + character + token.slice(place + 1);
        // The last character of a MAC has bits that say nothing.
        if (changed === token || place === token.length - 1) return;
        expect(ours.read(changed)).toBeNull();
      }),
    );
  });

  it('is nothing that somebody made up', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(ours.read(one)).toBeNull();
        expect(ours.read(`${one}.${other}`)).toBeNull();
      }),
    );
    const [header, payload] = ours.sign(fc.sample(row, 1)[0]!).split('.');
    for (const forged of [`${header}.${payload}.`, `${header}.${payload}`, `${header}..`, '..', '.']) {
      expect(ours.read(forged)).toBeNull();
    }
  });

  it('is short enough for a header, with as many quotas as an agreement usually has', () => {
    const [decision] = fc.sample(row, { numRuns: 1, seed: 1 });
    const windows = Array.from({ length: 3 }, () => ({ id: decision!.id, leaseId: decision!.id, reserved: 4_096 }));
    expect(ours.sign({ ...decision!, windows }).length).toBeLessThan(1_000);
  });
});

import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { networkContains, parseAddress, parseNetwork } from '../../src/kernel/networks.js';
import { vectors } from './vectors.js';

interface CidrVectors {
  cases: { ip: string; cidr: string; inside: boolean }[];
  suspicious: { inputs: string[] };
}
const cidr = vectors('cidr');
const read = (): CidrVectors => {
  const content: CidrVectors = JSON.parse(readFileSync(new URL('cidr-vectors.json', cidr.url), 'utf8'));
  return content;
};

function inside(address: string, network: string): boolean | null {
  const [parsedAddress, parsedNetwork] = [parseAddress(address), parseNetwork(network)];
  return parsedAddress && parsedNetwork && networkContains(parsedNetwork, parsedAddress);
}

describe('networks', () => {
  it.skipIf(cidr.absent)(`contain what PostgreSQL says they contain; match-all blocks are refused${cidr.note}`, () => {
    const { cases } = read();
    expect(cases).toHaveLength(400);
    for (const { ip, cidr: network, inside: expected } of cases) {
      expect(inside(ip, network), `${ip} in ${network}`).toBe(network.endsWith('/0') ? null : expected);
    }
  });

  it.skipIf(cidr.absent)(`are refused in every suspicious spelling${cidr.note}`, () => {
    const { inputs } = read().suspicious;
    expect(inputs).toHaveLength(18);
    for (const input of inputs) expect(parseNetwork(input), JSON.stringify(input)).toBeNull();
  });

  it('treat an IPv4-mapped IPv6 address as the IPv4 address it is', () => {
    expect(inside('::ffff:10.1.2.3', '10.0.0.0/8')).toBe(true);
    expect(inside('::ffff:0a01:0203', '10.0.0.0/8')).toBe(true);
    expect(inside('::10.1.2.3', '10.0.0.0/8')).toBe(false);
  });

  it('never mix IPv4 and IPv6', () => {
    expect(inside('10.0.0.1', '2001:db8::/32')).toBe(false);
    expect(inside('2001:db8::1', '32.0.0.0/8')).toBe(false);
  });

  it.each([
    '1.2.3',
    '010.0.0.1',
    '0x0a.0.0.1',
    '167772161',
    '10.0.0.1 ',
    '256.0.0.1',
    'fe80::1%eth0',
    ':::',
    '',
    'localhost',
    '10.0.0.0/8',
  ])('do not take %j for an address', (text) => expect(parseAddress(text)).toBeNull());

  it('agree with arithmetic on every IPv4 block', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, other, length) => {
        const mask = (0xffff_ffff << (32 - length)) >>> 0;
        const base = (toNumber(other) & mask) >>> 0;
        const expected = (toNumber(address) & mask) >>> 0 === base;
        expect(inside(address, `${[24, 16, 8, 0].map((shift) => (base >>> shift) & 255).join('.')}/${length}`)).toBe(
          expected,
        );
      }),
    );
  });

  it('never throw, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV6(),
          fc.ipV4Extended(),
          fc.tuple(fc.ipV6(), fc.nat(200)).map(([a, n]) => `${a}/${n}`),
        ),
        (text) => {
          parseAddress(text);
          parseNetwork(text);
        },
      ),
    );
  });
});

function toNumber(address: string): number {
  return address.split('.').reduce((total, octet) => total * 256 + Number(octet), 0);
}

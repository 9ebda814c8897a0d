import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/kernel/digests.js';
import { parseStrictJson } from '../../src/kernel/strict-json.js';
import { agreementDocument, clauseSha256, termsDigest, type AgreementVersion } from '../../src/terms/digest.js';
import { edited } from './edited.js';
import { exampleParties, exampleProse } from './example-prose.js';
import { exampleTerms } from './example-terms.js';

const version: AgreementVersion = {
  agreementId: 'agr_1',
  number: 1,
  previousDigest: null,
  effectiveFrom: null,
  parties: exampleParties,
  terms: exampleTerms,
  prose: exampleProse,
};
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('the document of an agreement', () => {
  it('holds exactly the members the design names, with prose by digest', () => {
    const document = Object(parseStrictJson(text(agreementDocument(version).canonical)));
    expect(Object.keys(document)).toEqual([
      'agreementId',
      'number',
      'parties',
      'previousDigest',
      'prose',
      'schema',
      'term',
      'terms',
    ]);
    expect(document).toMatchObject({
      schema: 'parley-agreement/1',
      previousDigest: null,
      term: { effectiveFrom: '2026-01-01T00:00:00Z', expiresAt: '2026-07-01T00:00:00Z' },
      terms: exampleTerms,
    });
    expect(document).toHaveProperty('prose.1', { clauseId: '2', sha256: clauseSha256(Object(exampleProse[1])) });
  });

  it('has the SHA-256 of its bytes for a digest, which any tool can recompute', () => {
    const { canonical, digest } = agreementDocument(version);
    expect(digest).toBe(`sha-256:${createHash('sha256').update(canonical).digest('hex')}`);
    expect(digestOf(canonical)).toBe(digest);
    expect(termsDigest(exampleTerms)).toMatch(/^sha-256:[0-9a-f]{64}$/);
  });

  it('is the same bytes whatever order fields and parties were given in', () => {
    const turned = { ...version, parties: exampleParties.toReversed(), terms: structuredClone(exampleTerms) };
    expect(text(agreementDocument(Object.assign({}, turned)).canonical)).toBe(
      text(agreementDocument(version).canonical),
    );
  });

  it.each<[string, unknown]>([
    ['/agreementId', 'agr_2'],
    ['/number', 2],
    ['/previousDigest', `sha-256:${'0'.repeat(64)}`],
    ['/parties/0/legalName', 'Other'],
    ['/terms/quotas/0/limit', 1],
    ['/terms/term/expiresAt', '2026-08-01T00:00:00Z'],
    ['/prose/4/text', 'Anything goes.'],
    ['/prose/4/heading', 'Competing use'],
    ['/prose/4/clauseId', '3.9'],
    ['/prose', exampleProse.toReversed()],
  ])('has another digest when %s differs', (pointer, value) => {
    expect(agreementDocument(edited(version, pointer, value)).digest).not.toBe(agreementDocument(version).digest);
  });

  it('leaves out what the design does not name, whatever else a party object carries', () => {
    const parties = exampleParties.map((party) => ({ ...party, internalNote: 'x' }));
    expect(agreementDocument({ ...version, parties }).digest).toBe(agreementDocument(version).digest);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ODRL, VOCABULARY } from './vocabulary.js';

const { '@context': context } = JSON.parse(readFileSync(new URL('odrl.jsonld', import.meta.url), 'utf8')) as {
  '@context': Record<string, string | { '@id': string }>;
};

/** What the context makes of each of its words in the namespace of ODRL. */
const words = Object.entries(context).flatMap(([word, definition]) => {
  const id = typeof definition === 'string' ? definition : definition['@id'];
  return id.startsWith('odrl:') ? [[word, id.replace('odrl:', ODRL)] as const] : [];
});

describe('the list of the terms of ODRL 2.2', () => {
  it('holds every word of the context, but for its three misprints and one deprecated class', () => {
    const others = words.filter(([, iri]) => !VOCABULARY.has(iri)).map(([word]) => word);
    expect(others.toSorted()).toEqual(['PartyScope', 'dataType', 'industry', 'neq']);
  });

  it('holds no term that the context lacks, but for those that the context forgot or knows by another name', () => {
    const known = new Set(words.map(([word]) => `${ODRL}${word}`));
    const others = [...VOCABULARY].filter((iri) => !known.has(iri)).map((iri) => iri.slice(ODRL.length));
    expect(others.toSorted()).toEqual(['failure', 'operand', 'synchronize', 'uid']);
  });
});

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONDITIONS, FRAMEWORKS } from '../../../src/terms/conditions.js';
import { clauseReferences } from '../../../src/terms/drafting/clause-rules.js';
import { summaryOf, summaryText, type Summary } from '../../../src/terms/exporting/summary.js';
import type { Terms } from '../../../src/terms/terms.js';
import { edited } from '../edited.js';
import { exampleTerms } from '../example-terms.js';
import { changedInOnePlace } from './another-value.js';
import { exampleVersion, versionOf } from './example-version.js';
import { smallTerms } from './small-terms.js';
import { someTerms } from './some-terms.js';

const sentencesIn = ({ sections }: Summary) => sections.flatMap(({ sentences }) => sentences);
const sentences = (terms: Terms) => sentencesIn(summaryOf(versionOf(terms)));
const textsOf = (terms: Terms): string =>
  sentences(terms)
    .map(({ text }) => text)
    .join('\n');
const saying = (pointer: string, value: unknown): string => textsOf(edited(exampleTerms, pointer, value));

describe('a summary', () => {
  it('reads as a person would write it', () => {
    const written = readFileSync(new URL('small-summary.md', import.meta.url), 'utf8');
    expect(summaryText(summaryOf(versionOf(smallTerms)))).toBe(written);
  });

  it('is the same for the same version', () => {
    expect(summaryOf(structuredClone(exampleVersion))).toEqual(summaryOf(exampleVersion));
  });

  it('has a sentence for every clause that the terms refer to, or names the clause where it survives', () => {
    fc.assert(
      fc.property(someTerms, (terms) => {
        const said = sentences(terms);
        for (const { pointer, clauseRef } of clauseReferences(terms)) {
          const found = pointer.startsWith('/termination/survivingClauses')
            ? said.some(({ text }) => /survives? the end/.test(text) && text.includes(clauseRef))
            : said.some((sentence) => sentence.clauseRef === clauseRef);
          expect(found, pointer).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('differs when any value or any item of a list in the terms does, but for the ids of quotas and reports', () => {
    const unsaid = /^\/(quotas|reporting)\/\d+\/id$/;
    const changed = changedInOnePlace(exampleTerms).filter(({ pointer }) => !unsaid.test(pointer));
    expect(changed.length).toBeGreaterThan(200);
    const said = JSON.stringify(summaryOf(exampleVersion));
    for (const { pointer, terms } of changed) {
      expect(JSON.stringify(summaryOf(versionOf(terms, exampleVersion.effectiveFrom))), pointer).not.toBe(said);
    }
  });

  it('names the limit of every quota and the snapshot of every model', () => {
    fc.assert(
      fc.property(someTerms, (terms) => {
        const text = textsOf(terms);
        for (const { snapshot, modelId } of terms.scope.models) {
          expect(text).toContain(`The snapshot ${snapshot} of the model ${modelId}, `);
        }
        const limits = text.match(/^At most \S+(?= .*counted )/gm) ?? [];
        const expected = terms.quotas.map(({ limit, metric }) =>
          metric === 'spend' ? limit : limit.toLocaleString('en-US'),
        );
        expect(limits).toHaveLength(expected.length);
        for (const [index, limit] of expected.entries()) {
          const said = limits[index]?.slice('At most '.length) ?? '';
          expect(typeof limit === 'number' ? microUnitsOf(said) : said).toBe(
            typeof limit === 'number' ? BigInt(limit) : limit,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('invents no number', () => {
    const lists = JSON.stringify([FRAMEWORKS, CONDITIONS]);
    fc.assert(
      fc.property(someTerms, (terms) => {
        const counted = { ...terms, quotas: terms.quotas.filter(({ metric }) => metric !== 'spend') };
        const version = versionOf(counted);
        const known = new Set(numbersIn(JSON.stringify(version) + lists));
        const said = sentencesIn(summaryOf(version)).map(({ text }) => text.replaceAll(/(?<=\d),(?=\d{3})/g, ''));
        for (const number of numbersIn(said.join('\n'))) expect(known).toContain(number);
      }),
      { numRuns: 200 },
    );
  });

  it('puts one thing in the singular and several, or none, in the plural', () => {
    const nouns = 'day|hour|business day|request|input token|output token|researcher|key';
    fc.assert(
      fc.property(someTerms, (terms) => {
        const text = textsOf(terms);
        expect(text).not.toMatch(new RegExp(String.raw`(?<![\d,.])1 (?:${nouns})s\b`));
        expect(text).not.toMatch(new RegExp(String.raw`(?:[\d,]\d|(?<![\d,.])[02-9]) (?:${nouns})\b(?!’)`));
      }),
      { numRuns: 300 },
    );
    expect(saying('/termination/convenienceNoticeDays', 1)).toContain('with 1 day’s notice');
    expect(saying('/keys/rotationDays', 1)).toContain('is rotated every day');
    expect(saying('/termination/survivingClauses', ['7'])).toContain('Clause 7 survives the end.');
    expect(saying('/suspension/withoutNoticeFor', ['distillation'])).toContain('“Distillation” justifies a stop');
    expect(saying('/scope/endpoints', ['messages'])).toContain('the endpoint messages.');
  });

  it.each<[string, unknown, string]>([
    ['/networks/cidrs', [], 'Requests may come from no network.'],
    ['/networks/cidrs', 'any', 'Requests may come from any network.'],
    ['/scope/models', [], 'No model may be used.'],
    ['/scope/capabilities', [], 'No capability of the models may be used.'],
    ['/scope/endpoints', [], 'No endpoint may be used.'],
    ['/purposes/permitted', [], 'No purpose is permitted.'],
    ['/roster/emailDomains', [], 'no address is accepted'],
    ['/publication/grounds', [], 'The provider may ask for no change.'],
    ['/suspension/withoutNoticeFor', [], 'No use justifies a stop without prior notice.'],
    ['/keys/autoApprove', null, 'A person approves every request for a key.'],
    ['/evaluationSets/permitted', [], 'No registered evaluation set is named.'],
    ['/termination/survivingClauses', [], 'No clause survives the end.'],
  ])('says outright what an absence at %s means', (pointer, value, text) => {
    expect(saying(pointer, value)).toContain(text);
  });

  it('says each window and each limit on money in words', () => {
    const windows = [
      [{ kind: 'calendar', unit: 'day', timezone: 'UTC' }, 'in each calendar day (UTC), '],
      [{ kind: 'rolling', unit: 'hour' }, 'in any period of one hour, '],
      [{ kind: 'term' }, 'over the whole term, '],
    ] as const;
    for (const [window, words] of windows) expect(saying('/quotas/0/window', window)).toContain(` tokens ${words}`);
    const spend = { ...exampleTerms.quotas[0], metric: 'spend', currency: 'EUR' };
    const money = (limit: number) => saying('/quotas', [{ ...spend, limit }]);
    expect(money(12_500_000)).toContain('At most 12.50 EUR of spend in each calendar month');
    expect(money(1_234_567_000_001)).toContain('At most 1,234,567.000001 EUR of spend');
    expect(money(0)).toContain('At most 0.00 EUR of spend');
  });

  it('says what prohibitions leave of a permission', () => {
    const cbrn = { code: 'capability.cbrn', conditions: [] };
    const forbidding = (...codes: string[]) =>
      textsOf(
        edited(
          edited(exampleTerms, '/purposes/permitted', [cbrn]),
          '/prohibitedUses',
          codes.map((code) => ({ ...exampleTerms.prohibitedUses[5], code })),
        ),
      );
    expect(forbidding()).toContain('covers “Biological”, “Chemical” and “Radiological and nuclear”.\n');
    expect(forbidding('capability.cbrn.chemical')).toContain(
      'covers “Biological” and “Radiological and nuclear”. A request must name one of them',
    );
    const all = ['biological', 'chemical', 'radiological_nuclear'].map((kind) => `capability.cbrn.${kind}`);
    expect(forbidding(...all)).toContain('what is forbidden leaves nothing of it');
  });

  it('says an instant as exactly as the terms do', () => {
    expect(saying('/scope/models/0/from', '2026-02-03T04:05:00Z')).toContain('3 February 2026 at 04:05 UTC');
    expect(saying('/scope/models/0/from', '2026-02-03T04:05:06Z')).toContain('3 February 2026 at 04:05:06 UTC');
    expect(saying('/scope/models/0/from', '2026-02-03T04:05:00.070Z')).toContain('at 04:05:00.070 UTC');
  });
});

describe('a summary as Markdown', () => {
  it('keeps what the parties wrote from being read as Markdown or HTML, each sentence on a line of its own', () => {
    const hostile = 'Keep <b>all</b>.\n\n## Section\n- [link](https://x.example) `code` *bold* a_b';
    const terms = edited(exampleTerms, '/data/compensatingControls/0/text', hostile);
    const text = summaryText(summaryOf(versionOf(terms)));
    expect(text).toContain(
      '- Compensating control: Keep \\<b\\>all\\</b\\>. \\#\\# Section - \\[link\\](https://x.example) ' +
        '\\`code\\` \\*bold\\* a\\_b (clause 7.2, attested)',
    );
    const lines = text.split('\n').filter((line) => line.startsWith('- '));
    expect(lines).toHaveLength(sentences(terms).length);
  });

  it('names the clause of each sentence and how it is held', () => {
    for (const { clauseRef, heldBy } of sentences(exampleTerms)) {
      expect(summaryText(summaryOf(exampleVersion))).toContain(`(clause ${clauseRef}, ${heldBy})`);
    }
  });
});

function numbersIn(text: string): string[] {
  return (text.match(/\d+/g) ?? []).map((digits) => digits.replace(/^0+(?=\d)/, ''));
}

function microUnitsOf(amount: string): bigint {
  const [units = '', places = ''] = amount.replaceAll(',', '').split('.');
  return BigInt(units + places.padEnd(6, '0'));
}

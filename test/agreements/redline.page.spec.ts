import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redlinePage, type Redline } from '../../src/agreements/negotiation/redline.page.js';
import { proseRedline } from '../../src/terms/prose-redline.js';
import { redline } from '../../src/terms/redline.js';
import { edited } from '../terms/edited.js';
import { exampleProse } from '../terms/example-prose.js';
import { exampleTerms } from '../terms/example-terms.js';

const later = edited(edited(exampleTerms, '/quotas/0/limit', 40_000_000), '/keys/autoApprove/purposes/1', 'harm.bias');
const moved = [...exampleProse.slice(0, 2), ...exampleProse.slice(3, 8), exampleProse[2]!, ...exampleProse.slice(9)];
const reworded = edited(moved, '/1/text', exampleProse[1]!.text.replace('1 July 2026', '1 October 2026'));
const prose = [...reworded, { clauseId: '12', heading: 'Law', text: 'The law of Delaware.\nNothing else.' }];
const example: Redline = {
  title: 'Joint safety exercise 2026',
  before: { number: 3, digest: `sha-256:${'a'.repeat(64)}` },
  after: { number: 4, digest: `sha-256:${'b'.repeat(64)}` },
  terms: redline(exampleTerms, later),
  prose: proseRedline(exampleProse, prose),
};
const page = redlinePage(example);

describe('the page of a redline', () => {
  it('shows added and removed words by elements of their own, which are told apart without colour', () => {
    expect(page).toContain('up to 1 <del>July</del><ins>October</ins> 2026 UTC');
    expect(page).toMatch(/ins\{[^}]*text-decoration:underline/);
    expect(page).toMatch(/del\{[^}]*text-decoration:line-through/);
    expect(page).toContain('Legend: <ins>added</ins>, <del>removed</del>');
  });

  it('shows clauses that came, went and moved, and folds those that stayed', () => {
    expect(page).toContain('<article><h3>12 <ins>Law</ins> <span class="kind">added</span></h3>');
    expect(page).toContain('<ins>The law of Delaware.<span class="line"></span>\nNothing else.</ins>');
    expect(page).toContain('<h3>5.1 <del>Monthly output</del> <span class="kind">removed</span></h3>');
    expect(page).toContain('<summary>3.1 Permitted purposes <span class="kind">moved</span></summary>');
    expect(page).toContain('<details><summary>1 Parties</summary>');
    expect(page).toContain(`Clauses: 1 changed, 1 added, 1 removed, 1 moved, of ${exampleProse.length + 1} shown.`);
  });

  it('says of each changed term where it is, in words and by its pointer, and both values', () => {
    expect(page).toContain('Quotas › item 1 › limit<br><code>/quotas/0/limit</code>');
    expect(page).toMatch(/<td>50,000,000<\/td><td>40,000,000<\/td>/);
    expect(page).toContain('Keys › auto approve › purposes › item 2');
    expect(page).toMatch(
      /<td><span class="absent">absent<\/span><\/td><td><span class="value">harm\.bias<\/span><\/td>/,
    );
  });

  it('names both texts by number and digest, and needs nothing from anywhere', () => {
    expect(page).toContain(`From number 3 <code>${example.before.digest}</code>`);
    expect(page).toContain(`to number 4 <code>${example.after.digest}</code>`);
    expect(page).toContain(`default-src 'none'; style-src 'unsafe-inline'`);
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/);
  });

  it('says so where nothing changed', () => {
    const same = redlinePage({ ...example, terms: [], prose: proseRedline(exampleProse, exampleProse) });
    expect(same).toContain('No clause changed.');
    expect(same).toContain('No term changed.');
    expect(same).not.toContain('<article>');
    expect(same.match(/<details>/g)).toHaveLength(exampleProse.length);
  });

  it('lets no text of the parties leave its place', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        `"'></title></style></del><script>alert(1)</script>`,
        '<img src=x onerror=alert(1)>',
        '<!--',
        '&lt;b&gt;',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const wicked = redlinePage({
          title: one,
          before: { number: 1, digest: one },
          after: { number: 2, digest: other },
          terms: [
            { pointer: `/${one}`, kind: 'changed', before: one, after: { [other]: [one] } },
            { pointer: `/${other}`, kind: 'removed', before: [other] },
          ],
          prose: [
            ...proseRedline(
              [{ clauseId: one, heading: one, text: other }],
              [{ clauseId: one, heading: other, text: one }],
            ),
            ...proseRedline([], [{ clauseId: other, heading: one, text: other }]),
          ],
        });
        expect(elementsOf(wicked)).toEqual(elementsOf(wicked).filter((element) => KNOWN.has(element)));
        expect(wicked.match(/<\/title>/g)).toHaveLength(1);
        expect(wicked.match(/<\/style>/g)).toHaveLength(1);
        expect(wicked).not.toContain('<!--');
      }),
    );
  });

  it('names characters that would not be seen, and those that turn the order of reading', () => {
    const text = 'pays\u202e ten\u200b\u0007 in\r\nall\rways';
    const shown = redlinePage({ ...example, prose: proseRedline([], [{ clauseId: '1', heading: 'Fee', text }]) });
    const hidden = (point: string): string => `<span class="hidden">U+${point}</span>`;
    expect(shown).toContain(`pays${hidden('202E')} ten${hidden('200B')}${hidden('0007')} in`);
    expect(shown).toContain(`all${hidden('000D')}ways`);
    expect(shown).not.toContain('\u202e');
  });
});

/** Everything that an HTML parser would take for a tag. */
function elementsOf(html: string): string[] {
  return [...html.matchAll(/<[/!a-zA-Z][^>]*>/g)].map(([tag]) => tag.replace(/^<\/?([a-z!]\w*).*$/s, '$1'));
}

const KNOWN = new Set([...page.matchAll(/<\/?([a-z!]\w*)/g)].map(([, name]) => name));

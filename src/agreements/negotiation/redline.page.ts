import { escaped } from '../../kernel/html.js';
import { ClauseRedline, Word } from '../../terms/prose-redline.js';
import { RedlineEntry } from '../../terms/redline.js';

/** Two texts of one agreement and all that changed between them. */
export interface Redline {
  /** The title of the agreement. */
  title: string;
  before: NumberedText;
  after: NumberedText;
  terms: readonly RedlineEntry[];
  prose: readonly ClauseRedline[];
}

/** A revision or a version: its number, and the digest of its terms and prose together. */
export interface NumberedText {
  number: number;
  digest: string;
}

/**
 * A redline as one page that needs nothing else, to read, print and keep. What was added is underlined and what was
 * removed struck through, so that it can be told without colour; a character that would not be seen is named.
 */
export function redlinePage({ title, before, after, terms, prose }: Redline): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Redline ${before.number} to ${after.number}: ${escaped(title)}</title>
<style>${style}</style></head><body>
<header><h1>${visible(title)}</h1>
<p>From number ${before.number} <code>${visible(before.digest)}</code><br>
to number ${after.number} <code>${visible(after.digest)}</code></p>
<p>${summaryOf(prose)}<br>${terms.length === 0 ? 'No term changed' : `Changes of terms: ${terms.length}`}.</p>
<p class="legend">Legend: <ins>added</ins>, <del>removed</del>; <ins><span class="line"></span></ins> a line break;
<span class="hidden">U+200B</span> a character that cannot be seen. Clauses that did not change are folded.</p></header>
<main><section><h2>Prose</h2>${prose.map(clauseSection).join('\n')}</section>
<section><h2>Terms</h2>${terms.length === 0 ? '<p>The terms are the same.</p>' : termsTable(terms)}</section></main>
</body></html>`;
}

const style = `:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--faint:#57606a;--line:#d5dae0;
--added:#0b5a20;--added-paper:#e4f3e8;--removed:#8c1d18;--removed-paper:#fcebe9}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e2e6ea;--paper:#14181c;--faint:#9aa4ae;--line:#39414a;
--added:#93dfaa;--added-paper:#12331d;--removed:#f4b0aa;--removed-paper:#421a17}}
body{font:1rem/1.55 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:var(--ink);
background:var(--paper)}
h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0}
code{font:.8em ui-monospace,monospace;color:var(--faint);overflow-wrap:anywhere}
.legend,.kind{color:var(--faint);font-size:.85rem}.kind{font-weight:400;font-style:italic}
article,details{border-left:3px solid var(--line);padding:.1rem 0 .1rem .8rem;margin:.7rem 0}
article{border-left-color:var(--ink)}summary{cursor:pointer}.text{white-space:pre-wrap;overflow-wrap:anywhere}
ins{color:var(--added);background:var(--added-paper);text-decoration:underline}
del{color:var(--removed);background:var(--removed-paper);text-decoration:line-through}.line::before{content:"¶"}
.hidden{font:.75em ui-monospace,monospace;border:1px solid;padding:0 .2em;margin:0 .1em}
table{border-collapse:collapse;width:100%;table-layout:fixed}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;font-size:.9rem}
td{overflow-wrap:anywhere}.value{white-space:pre-wrap}.absent{color:var(--faint);font-style:italic}
@media print{:root{font-size:11px}body{margin:0;max-width:none}article,details,tr{break-inside:avoid}
h2,h3,summary{break-after:avoid}summary{list-style:none;font-weight:600}
ins,del{print-color-adjust:exact}details::details-content{content-visibility:visible;block-size:auto}}`;

/** The kinds of change, in the order in which the summary counts them. */
const CHANGES = ['changed', 'added', 'removed', 'moved'] as const;

function summaryOf(prose: readonly ClauseRedline[]): string {
  const counts = CHANGES.flatMap((kind) => {
    const count = prose.filter((clause) => clause.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return counts.length === 0 ? 'No clause changed.' : `Clauses: ${counts.join(', ')}, of ${prose.length} shown.`;
}

function clauseSection({ clauseId, kind, heading, text }: ClauseRedline): string {
  const title = `${visible(clauseId)} ${heading.map(marked).join('')}`;
  const words = `<div class="text">${text.map(marked).join('')}</div>`;
  const note = kind === 'kept' ? '' : ` <span class="kind">${kind}</span>`;
  return kind === 'kept' || kind === 'moved'
    ? `<details><summary>${title}${note}</summary>${words}</details>`
    : `<article><h3>${title}${note}</h3>${words}</article>`;
}

function marked({ kind, text }: Word): string {
  if (kind === 'kept') return visible(text);
  const element = kind === 'added' ? 'ins' : 'del';
  // A line break has nothing to underline or to strike through.
  return `<${element}>${visible(text).replaceAll('\n', '<span class="line"></span>\n')}</${element}>`;
}

function termsTable(terms: readonly RedlineEntry[]): string {
  const rows = terms.map(
    ({ pointer, kind, before, after }) => `<tr><td>${placeInWords(pointer)}<br><code>${visible(pointer)}</code></td>
<td>${kind === 'added' ? absent : valueOf(before)}</td><td>${kind === 'removed' ? absent : valueOf(after)}</td></tr>`,
  );
  return `<table><thead><tr><th>Where</th><th>Before</th><th>After</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

const absent = '<span class="absent">absent</span>';

/** `/keys/autoApprove/purposes/0` as “Keys › auto approve › purposes › item 1”. */
function placeInWords(pointer: string): string {
  const steps = pointer.split('/').slice(1);
  const words = steps.map((step) =>
    /^\d+$/.test(step)
      ? `item ${Number(step) + 1}`
      : step.replaceAll(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`),
  );
  const place = words.join(' › ');
  return visible(place === '' ? 'All terms' : `${place.slice(0, 1).toUpperCase()}${place.slice(1)}`);
}

function valueOf(value: unknown): string {
  if (typeof value === 'number') return value.toLocaleString('en');
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return `<span class="value">${visible(text)}</span>`;
}

/** Control and formatting characters could hide a change, or turn the order in which words are read. */
const HIDDEN = /\r(?!\n)|[^\P{C}\r\n\t]/gu;

function visible(text: string): string {
  return escaped(text).replaceAll(HIDDEN, (character) => {
    const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `<span class="hidden">U+${point}</span>`;
  });
}

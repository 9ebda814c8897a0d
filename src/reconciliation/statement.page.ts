import { escaped } from '../kernel/html.js';
import { fillingOf } from './filling.js';
import { Statement, Sums } from './statement.js';

/**
 * A sealed statement as one page that needs nothing else: tables, and charts as SVG drawn on the server, so that it
 * prints and can be kept beside the JSON. Everything in it comes from the statement alone.
 */
export async function statementPage(sealed: string): Promise<string> {
  const statement = JSON.parse(sealed) as Statement & { seal: { keyId: string } };
  const { barChart, fillingChart, limitChart } = await import('./statement.charts.js');
  const { agreement, period, number, totals, corrections, lines, findings, facts, coverage, seal } = statement;
  const sums = (by: 'purpose' | 'model' | 'key' | 'hour') => sumBy(lines, (line) => line[by]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Statement ${number}: ${escaped(agreement.title)}</title>
<style>${style}</style></head><body>
<header><h1>${escaped(agreement.title)}</h1>
<p>Statement ${number} for the ${period.kind} from ${period.startsAt} until ${period.endsAt} (${period.timezone})<br>
${escaped(agreement.provider)} (provider) · ${escaped(agreement.evaluator)} (evaluator)<br>
closed at ${statement.closedAt}, sealed with key ${seal.keyId}</p></header>
<section><h2>Totals</h2>${sumsTable([
    ['In the period', totals],
    ['Corrections of earlier periods', corrections],
  ])}</section>
<section><h2>Findings</h2>${findings.length === 0 ? '<p>None.</p>' : findingsTable(findings)}</section>
<section><h2>Use against limit</h2>${limitChart(facts.windows)}${windowsTable(facts.windows)}</section>
<section><h2>Use over time</h2>${fillingChart(fillingOf(statement))}
${barChart(sums('hour'), 'requests by hour (UTC)')}</section>
<section class="pair"><div><h2>By purpose</h2>${barChart(sums('purpose'), 'requests')}</div>
<div><h2>By model</h2>${barChart(sums('model'), 'requests')}</div></section>
<section><h2>By key</h2>${barChart(sums('key'), 'requests')}${sumsTable(sums('key'))}</section>
<section><h2>Decisions</h2>${table(['Code', 'Decisions'], Object.entries(facts.decisions))}</section>
<section><h2>What this statement proves</h2>
<p>Enforced on each request: ${coverage.enforced.map(escaped).join(', ') || 'nothing'}.</p>
<p>Metered by reconciliation: ${coverage.metered.map(escaped).join(', ') || 'nothing'}.</p>
<p>Attested by the partner, and not proved here: ${coverage.attested.map(escaped).join(', ') || 'nothing'}.</p></section>
<footer><p>${statement.events.count} events, Merkle root ${statement.events.root}. Check this statement offline with
<code>parley verify statement FILE</code>.</p></footer></body></html>`;
}

const style = `body{font:15px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #d5dae0;padding:.25rem .5rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
svg{max-width:100%;height:auto}.high{color:#a40e26;font-weight:600}footer{margin-top:2rem;color:#57606a}
td:first-child{white-space:nowrap}td{overflow-wrap:anywhere}td.n{overflow-wrap:normal;white-space:nowrap}@media print{body{margin:0;font-size:11px}section{break-inside:avoid}}`;

type Row = readonly (string | number)[];

function cell(value: string | number): string {
  if (typeof value === 'number') return `<td class="n">${value.toLocaleString('en')}</td>`;
  return `<td>${escaped(value)}</td>`;
}

function table(headings: readonly string[], rows: readonly Row[]): string {
  const line = (row: Row) => `<tr>${row.map(cell).join('')}</tr>`;
  // The heading of a column of numbers stands to the right, as its numbers do.
  const heading = (text: string, at: number) =>
    `<th${typeof rows[0]?.[at] === 'number' ? ' class="n"' : ''}>${escaped(text)}</th>`;
  return `<table><tr>${headings.map(heading).join('')}</tr>${rows.map(line).join('')}</table>`;
}

function sumsTable(rows: readonly (readonly [string, Sums])[]): string {
  return table(
    ['', 'Requests', 'Input tokens', 'Output tokens'],
    rows.map(([name, sums]) => [name, sums.requests, sums.input_tokens, sums.output_tokens]),
  );
}

function findingsTable(findings: Statement['findings']): string {
  return table(
    ['Rule', 'Severity', 'Subject', 'Clause', 'Expected', 'Observed', 'Times'],
    findings.map((f) => [
      f.rule,
      f.severity,
      `${f.subject.kind} ${f.subject.id}`,
      f.clauseRef,
      f.expected,
      f.observed,
      f.occurrences,
    ]),
  );
}

function windowsTable(windows: Statement['facts']['windows']): string {
  return table(
    ['Quota', 'Subject', 'Window', 'Held', 'Used', 'Reserved', 'Unaccounted for', 'Limit'],
    windows.map((w) => [
      `${w.quota} (${w.metric})`,
      w.subject,
      `${w.startsAt} – ${w.endsAt}`,
      w.hard ? 'hard' : 'soft',
      w.used,
      w.reserved,
      w.quarantined ?? 0,
      w.limit,
    ]),
  );
}

function sumBy<T extends Sums>(lines: readonly T[], key: (line: T) => string): [string, Sums][] {
  return [...Map.groupBy(lines, key)].map(([name, group]) => [
    name,
    {
      requests: group.reduce((sum, line) => sum + line.requests, 0),
      input_tokens: group.reduce((sum, line) => sum + line.input_tokens, 0),
      output_tokens: group.reduce((sum, line) => sum + line.output_tokens, 0),
    },
  ]);
}

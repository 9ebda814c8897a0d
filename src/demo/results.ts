import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { verifyEvidence } from '../agreements/signing/verify-evidence.js';
import { StatementEvent } from '../reconciliation/statement.js';
import { verifyStatement } from '../reconciliation/verify-statement.js';
import { Contract } from './contract.js';
import { Traffic } from './traffic.js';

/** The figures of one run. */
export interface Figures {
  requests: number;
  allowed: number;
  denied: Record<string, number>;
  recorded: number;
  duplicates: number;
  findings: Record<string, number>;
  /** Units admitted beyond a hard limit, counted at the gateway and in the ledger; 0 is the promise. */
  over_grant: number;
  statement_verified: boolean;
  seconds: number;
}

interface Outcome {
  contract: Contract;
  traffic: Traffic;
  codeRequests: number;
  out: string;
  date: string;
}

interface FindingRow {
  rule: string;
  subjectKind: string;
  subjectId: string;
  occurrences: number;
  expected: string;
  observed: string;
}

interface WindowRow {
  quotaId: string;
  limit: number;
  leased: number;
  lent: number;
  quarantined: number;
  used: number;
  overrun: number;
}

/** Closes the day, writes the results, verifies them from the files, and prints what came out. */
export async function reportResults(
  outcome: Outcome,
  begun: number,
): Promise<{ figures: Figures; surprises: string[] }> {
  const { contract, traffic, out, date } = outcome;
  const { cast, agreementId } = contract;
  const body = { kind: 'day', date };
  const { id } = await cast.compliance.post<{ id: string }>(`/v1/agreements/${agreementId}/statements`, body);
  await writeFiles(outcome, id);
  const findings = await cast.compliance.all<FindingRow>(`/v1/findings?agreementId=${agreementId}`);
  const windows = await cast.compliance.all<WindowRow>(`/v1/quota-windows?agreementId=${agreementId}`);
  const statement = await verifyStatement(readFileSync(join(out, 'statement.json')), eventsOf(out));
  const evidence = verifyEvidence(readFileSync(join(out, 'evidence.json')));
  const verified = [...statement.findings, ...evidence.findings].every(({ holds }) => holds);
  const { requests, allowed, denied, recorded, duplicates } = traffic;
  const figures = {
    requests,
    allowed,
    denied,
    recorded,
    duplicates,
    findings: countBy(findings.map(({ rule }) => rule)),
    over_grant: overGrant(outcome, windows),
    statement_verified: verified,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
  };
  writeFileSync(join(out, 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
  print(figures, findings, windows, out);
  return { figures, surprises: [...surprisesIn(outcome, findings), ...lost(traffic)] };
}

async function writeFiles({ contract, out }: Outcome, statementId: string): Promise<void> {
  const { cast, agreementId } = contract;
  mkdirSync(out, { recursive: true });
  const save = async (name: string, path: string) =>
    writeFileSync(join(out, name), await cast.compliance.download(path));
  await save('evidence.json', `/v1/agreements/${agreementId}/evidence`);
  await save('statement.json', `/v1/statements/${statementId}/document`);
  await save('statement.csv', `/v1/statements/${statementId}/csv`);
  await save('statement.html', `/v1/statements/${statementId}/page`);
  await save('events.ndjson', `/v1/statements/${statementId}/events`);
  const entries = await cast.compliance.all('/v1/audit-entries');
  writeFileSync(join(out, 'audit.ndjson'), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

async function* eventsOf(out: string): AsyncGenerator<StatementEvent> {
  for await (const line of createInterface({ input: createReadStream(join(out, 'events.ndjson')) })) {
    yield JSON.parse(line) as StatementEvent;
  }
}

/** Counted twice: what the gateway was allowed against the limit, and what the ledger holds against it. */
function overGrant({ traffic, codeRequests }: Outcome, windows: readonly WindowRow[]): number {
  const atGateway = Math.max(0, traffic.codeAdmissions - codeRequests);
  const inLedger = windows.map(({ leased, lent, quarantined, used, limit }) =>
    Math.max(0, leased + lent + quarantined + used - limit),
  );
  return Math.max(atGateway, ...inLedger);
}

/** Planted misuse without its finding, and findings that nothing planted explains. */
function surprisesIn({ contract, traffic }: Outcome, findings: readonly FindingRow[]): string[] {
  const about = (rule: string, key: number | null) => `${rule} ${key === null ? '' : contract.keys[key]!.publicId}`;
  const expected = new Set(traffic.expected.map(({ rule, key }) => about(rule, key)));
  const found = new Set(
    findings.map(({ rule, subjectKind, subjectId }) => `${rule} ${subjectKind === 'key' ? subjectId : ''}`),
  );
  return [
    ...[...expected.difference(found)].map((missing) => `Planted, but not found: ${missing}.`),
    ...[...found.difference(expected)].map((surprise) => `Found, but not planted: ${surprise}.`),
  ];
}

function lost({ allowed, recorded, denied, requests }: Traffic): string[] {
  const refused = Object.values(denied).reduce((sum, count) => sum + count, 0);
  return [
    ...(allowed + refused === requests ? [] : ['A request has no decision.']),
    ...(recorded < allowed ? [`${allowed - recorded} admitted requests were not recorded.`] : []),
  ];
}

function print(figures: Figures, findings: readonly FindingRow[], windows: readonly WindowRow[], out: string): void {
  const rows: [string, string | number][] = [
    ['requests', figures.requests],
    ['allowed', figures.allowed],
    ...Object.entries(figures.denied).map(([code, count]): [string, number] => [`denied: ${code}`, count]),
    ['events recorded', figures.recorded],
    ['events sent again, counted once', figures.duplicates],
    ...windows
      .filter(({ used, overrun, limit }) => used + overrun >= limit)
      .map((w): [string, string] => [`quota ${w.quotaId}`, `${w.used} of ${w.limit}, ${w.overrun} beyond it`]),
    ...findings.map((f): [string, string] => [`finding: ${f.rule}`, `${f.occurrences} × ${f.observed}`]),
    ['units over-granted', figures.over_grant],
    ['statement verified offline', figures.statement_verified ? 'yes' : 'NO'],
    ['seconds', figures.seconds],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value.toLocaleString('en')}`);
  process.stdout.write(`${lines.join('\n')}\nResults are in ${out}; open ${join(out, 'statement.html')}.\n`);
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, group]) => [name, group.length]));
}

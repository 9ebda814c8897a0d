import { canonicalJson } from '../kernel/canonical-json.js';
import { Finding, notWhole, Verdict } from '../audit/verdict.js';
import { openSealed } from '../audit/seal.js';
import { coverageOf, Reckoner } from './reckon.js';
import { factRules } from './rules.js';
import { Reckoning, Statement, StatementEvent, Sums } from './statement.js';

/**
 * Verifies a statement offline. The file alone shows the seal, the sums and every finding that follows from the facts
 * it carries; with the events beside it, everything in it is computed again and compared.
 */
export async function verifyStatement(bytes: Buffer, events?: AsyncIterable<StatementEvent>): Promise<Verdict> {
  const opened = openSealed(bytes);
  if ('fault' in opened) return notWhole(opened);
  const statement = opened.document as unknown as Statement;
  if (statement.schema !== 'parley-statement/1') {
    return notWhole({ fault: 'The file is no statement.', usable: false });
  }
  const findings = [
    { says: 'The seal covers every byte of the statement.', holds: true },
    ...sumFindings(statement),
    ...factFindings(statement),
    ...(events ? await eventFindings(statement, events) : []),
  ];
  return { findings, beyond: beyond(events !== undefined), sealedBy: opened.seal.keyId, usable: true };
}

function beyond(withEvents: boolean): string[] {
  return [
    'That the sealing key is the lab’s: compare its id with what the lab published.',
    ...(withEvents
      ? []
      : ['The findings about single events, and the events’ root: give the events with --events FILE.']),
    'Terms that are attested only: the statement lists them under coverage.',
  ];
}

function sumFindings({ totals, corrections, lines }: Statement): Finding[] {
  const whole = add(totals, corrections);
  const summed = lines.reduce<Sums>(add, { requests: 0, input_tokens: 0, output_tokens: 0 });
  return [
    { says: 'The lines add up to the totals and corrections.', holds: canonicalJson(whole) === canonicalJson(summed) },
  ];
}

function factFindings({ facts, findings, coverage, events, totals, corrections }: Statement): Finding[] {
  const newest = facts.versions.at(-1)!;
  const recomputed = factRules.flatMap(({ id, version, severity, judge }) =>
    judge(facts, newest).map((found) => ({ rule: id, ruleVersion: version, severity, ...found })),
  );
  const ids = new Set(factRules.map(({ id }) => id));
  const stated = findings.filter(({ rule }) => ids.has(rule));
  return [
    {
      says: `The ${stated.length} findings about quotas, conflicts and unreported admissions follow from the facts.`,
      holds: sameSet(stated, recomputed),
    },
    {
      says: 'The coverage is what the terms say.',
      holds: canonicalJson(coverage) === canonicalJson(coverageOf(newest.terms)),
    },
    {
      says: `The ${events.count} events are as many as the requests counted.`,
      holds: events.count === totals.requests + corrections.requests,
    },
  ];
}

async function eventFindings(statement: Statement, events: AsyncIterable<StatementEvent>): Promise<Finding[]> {
  const reckoner = new Reckoner(statement.facts, statement.period.startsAt);
  try {
    for await (const event of events) reckoner.add(event);
  } catch (error) {
    return [{ says: `The events cannot be judged: ${(error as Error).message}`, holds: false }];
  }
  const again = reckoner.finish();
  const parts: (keyof Reckoning)[] = ['events', 'totals', 'corrections', 'lines', 'findings'];
  return parts.map((part) => ({
    says: `Computed again from the events, the ${part} are the same.`,
    holds: canonicalJson(again[part]) === canonicalJson(statement[part]),
  }));
}

function add(one: Sums, other: Sums): Sums {
  return {
    requests: one.requests + other.requests,
    input_tokens: one.input_tokens + other.input_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
  };
}

function sameSet(one: readonly unknown[], other: readonly unknown[]): boolean {
  return sortedTexts(one) === sortedTexts(other);
}

function sortedTexts(items: readonly unknown[]): string {
  return items
    .map((item) => canonicalJson(item))
    .toSorted()
    .join('\n');
}

import { canonicalJson } from '../kernel/canonical-json.js';
import { hour } from '../kernel/clock.js';
import { leafHash, MerkleTree } from '../audit/merkle.js';
import { EventContext, EventRule, eventRules, factRules } from './rules.js';
import {
  Coverage,
  Reckoning,
  StatementEvent,
  StatementFacts,
  StatementFinding,
  StatementLine,
  Sums,
} from './statement.js';
import { Terms } from '../terms/terms.js';

/** How many occurrences a finding names. */
const evidenceMax = 10;

/** How many different observations a finding tells. */
const observationsMax = 5;

/**
 * What a period comes to: a pure fold over its events, which must come in the order of source and id (as UTF-8
 * bytes), each once. The same facts and events give the same bytes, today and at any auditor's.
 */
export class Reckoner {
  private readonly totals = noUse();
  private readonly corrections = noUse();
  private readonly lines = new Map<string, StatementLine>();
  private readonly gathered = new Map<string, Gathered>();
  private readonly tree = new MerkleTree();
  private readonly versions: Map<number | null, StatementFacts['versions'][number]>;
  private readonly newest: StatementFacts['versions'][number];
  private readonly revokedAt: Map<string, Date | null>;
  private readonly startsAt: Date;
  private last: Buffer | null = null;

  constructor(
    private readonly facts: StatementFacts,
    startsAt: string,
  ) {
    this.startsAt = new Date(startsAt);
    this.newest = facts.versions.at(-1)!;
    this.versions = new Map(facts.versions.map((version) => [version.number, version]));
    this.revokedAt = new Map(facts.keys.map(({ key, revokedAt }) => [key, revokedAt ? new Date(revokedAt) : null]));
  }

  add(event: StatementEvent): void {
    this.assertOrder(event);
    this.tree.add(leafHash(Buffer.from(canonicalJson(event))));
    const at = new Date(event.time);
    addUse(at < this.startsAt ? this.corrections : this.totals, event);
    addUse(this.lineOf(event, at), event);
    const version = this.versions.get(event.version) ?? this.newest;
    const { endedAt = null } = this.facts;
    const context = { event, at, version, endedAt, revokedAt: this.revokedAt.get(event.key) ?? null };
    for (const rule of eventRules) this.judge(rule, context);
  }

  /** The result so far. */
  finish(): Reckoning {
    return {
      totals: this.totals,
      corrections: this.corrections,
      lines: sortedBy([...this.lines.values()], lineKey),
      findings: sortedBy([...[...this.gathered.values()].map(findingOf), ...this.factFindings()], findingKey),
      events: { count: this.tree.size, root: `sha-256:${this.tree.root().toString('hex')}` },
    };
  }

  private assertOrder({ source, id }: StatementEvent): void {
    const place = Buffer.from(`${source}\0${id}`);
    if (this.last && Buffer.compare(this.last, place) >= 0) throw new RangeError('The events are not in order.');
    this.last = place;
  }

  private lineOf(event: StatementEvent, at: Date): StatementLine {
    const { version, campaign, key, served_model: model, purpose } = event;
    const hourStart = new Date(Math.floor(at.getTime() / hour) * hour).toISOString();
    const fresh = { version, campaign, key, model, purpose, hour: hourStart, ...noUse() };
    const line = this.lines.get(lineKey(fresh)) ?? fresh;
    this.lines.set(lineKey(line), line);
    return line;
  }

  private judge(rule: EventRule, context: EventContext): void {
    const breach = rule.judge(context);
    if (!breach) return;
    const { event, version } = context;
    const name = `${rule.id} ${event.key}`;
    const found = this.gathered.get(name) ?? {
      rule,
      key: event.key,
      clauseRef: breach.clauseRef,
      expected: breach.expected,
      termsDigest: version.digest,
      observed: new Set<string>(),
      occurrences: 0,
      evidence: [],
    };
    found.occurrences += 1;
    if (found.observed.size < observationsMax) found.observed.add(breach.observed);
    if (found.evidence.length < evidenceMax) found.evidence.push(`${event.source} ${event.id}`);
    this.gathered.set(name, found);
  }

  private factFindings(): StatementFinding[] {
    return factRules.flatMap(({ id, version, severity, judge }) =>
      judge(this.facts, this.newest).map((found) => ({ rule: id, ruleVersion: version, severity, ...found })),
    );
  }
}

/** A finding while its occurrences are gathered. */
interface Gathered {
  rule: EventRule;
  key: string;
  clauseRef: string;
  expected: string;
  termsDigest: string;
  observed: Set<string>;
  occurrences: number;
  evidence: string[];
}

function findingOf({ rule, key, observed, occurrences, ...rest }: Gathered): StatementFinding {
  return {
    rule: rule.id,
    ruleVersion: rule.version,
    severity: rule.severity,
    subject: { kind: 'key', id: key },
    ...rest,
    observed: [...observed].toSorted().join('; '),
    delta: occurrences,
    unit: 'requests',
    occurrences,
  };
}

function noUse(): Sums {
  return { requests: 0, input_tokens: 0, output_tokens: 0 };
}

function addUse(sums: Sums, event: StatementEvent): void {
  sums.requests += 1;
  sums.input_tokens += event.input_tokens;
  sums.output_tokens += event.output_tokens;
}

function lineKey({ hour: start, key, model, version, campaign, purpose }: StatementLine): string {
  return JSON.stringify([start, key, model, version, campaign, purpose]);
}

function findingKey({ rule, subject }: StatementFinding): string {
  return JSON.stringify([rule, subject.kind, subject.id]);
}

function sortedBy<T>(items: T[], key: (item: T) => string): T[] {
  return items.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** How each block of the terms is held, by clause. */
export function coverageOf(terms: Terms): Coverage {
  const coverage: Coverage = { enforced: [], metered: [], attested: [] };
  for (const [name, block] of Object.entries(terms)) {
    for (const clause of [block].flat() as { clauseRef?: string; heldBy?: keyof Coverage }[]) {
      if (clause.heldBy) coverage[clause.heldBy].push(`${name} (${clause.clauseRef})`);
    }
  }
  // Sorted, because an object read from the database has its fields in another order than the signed text.
  return {
    enforced: coverage.enforced.toSorted(),
    metered: coverage.metered.toSorted(),
    attested: coverage.attested.toSorted(),
  };
}

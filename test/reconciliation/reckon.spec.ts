import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addresses, models, unreleasedModel } from '../../src/demo/agreement.js';
import { canonicalJson } from '../../src/kernel/canonical-json.js';
import { coverageOf, Reckoner } from '../../src/reconciliation/reckon.js';
import { eventRules, factRules } from '../../src/reconciliation/rules.js';
import { Reckoning, StatementEvent, StatementFacts } from '../../src/reconciliation/statement.js';
import { exampleFacts, periodStart, statementEvent } from './example-events.js';

function reckoned(events: readonly StatementEvent[], facts: Partial<StatementFacts> = {}): Reckoning {
  const reckoner = new Reckoner({ ...exampleFacts, ...facts }, periodStart);
  for (const event of events) reckoner.add(event);
  return reckoner.finish();
}

const rulesOf = (reckoning: Reckoning) => reckoning.findings.map(({ rule }) => rule);

const place = ({ source, id }: StatementEvent) => Buffer.from(`${source}\0${id}`);
const inOrder = (events: readonly StatementEvent[]) => events.toSorted((a, b) => Buffer.compare(place(a), place(b)));

const anyEvent = fc
  .record({
    id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
    source: fc.constantFrom('gateway://a', 'gateway://b', 'gateway://é', 'gateway://😀'),
    key: fc.constantFrom('KeyA', 'KeyB'),
    version: fc.constantFrom(1, null),
    served_model: fc.constantFrom(models.code, models.conversation, unreleasedModel),
    time: fc.date({ min: new Date('2026-02-27'), max: new Date('2026-03-03'), noInvalidDate: true }),
    input_tokens: fc.nat(1_000),
    output_tokens: fc.nat(1_000),
    client_ip: fc.constantFrom(addresses.office, addresses.elsewhere, null),
    authorization: fc.constantFrom('settled' as const, 'none' as const, 'reused' as const),
  })
  .map(({ time, ...changes }) => statementEvent(changes.id, { ...changes, time: time.toISOString() }));
const eventSets = fc.uniqueArray(anyEvent, { selector: (event) => place(event).toString(), maxLength: 25 });

describe('what a period comes to', () => {
  it('the same facts and events give the same bytes, however they lay in storage and whatever the order of fields', () => {
    fc.assert(
      fc.property(eventSets, fc.integer(), (events, seed) => {
        const expected = canonicalJson(reckoned(inOrder(events)));
        const shuffled = fc.sample(fc.shuffledSubarray(events, { minLength: events.length }), { seed, numRuns: 1 })[0]!;
        const respelled = inOrder(shuffled).map(
          (event) => Object.fromEntries(Object.entries(event).toReversed()) as unknown as StatementEvent,
        );
        expect(canonicalJson(reckoned(respelled))).toBe(expected);
      }),
    );
  });

  it('totals, corrections and lines add up to the events, and each finding counts what it is about', () => {
    fc.assert(
      fc.property(eventSets, (events) => {
        const { totals, corrections, lines, findings, events: tree } = reckoned(inOrder(events));
        const sum = (of: 'input_tokens' | 'output_tokens') => events.reduce((total, event) => total + event[of], 0);
        expect(tree.count).toBe(events.length);
        expect(totals.requests + corrections.requests).toBe(events.length);
        expect(corrections.requests).toBe(events.filter(({ time }) => time < periodStart).length);
        expect(totals.output_tokens + corrections.output_tokens).toBe(sum('output_tokens'));
        expect(lines.reduce((total, line) => total + line.input_tokens, 0)).toBe(sum('input_tokens'));
        const unauthorised = findings.filter(({ rule }) => rule === 'usage_without_authorization');
        expect(unauthorised.reduce((total, { occurrences }) => total + occurrences, 0)).toBe(
          events.filter(({ authorization }) => authorization !== 'settled').length,
        );
      }),
    );
  });

  it('another event, or one changed in any figure, has another root', () => {
    const roots = [
      reckoned([]),
      reckoned([statementEvent('1')]),
      reckoned([statementEvent('1', { output_tokens: 51 })]),
      reckoned([statementEvent('1', { client_ip: null })]),
      reckoned([statementEvent('1'), statementEvent('2')]),
    ].map(({ events }) => events.root);
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('events out of order, or one of them twice, are refused rather than judged', () => {
    const two = [statementEvent('2'), statementEvent('1')];
    expect(() => reckoned(two)).toThrow('not in order');
    expect(() => reckoned([two[0]!, two[0]!])).toThrow('not in order');
    // By bytes of UTF-8, as PostgreSQL's collation "C" sorts, and not by UTF-16 as JavaScript does.
    const bytes = [statementEvent('\uffee'), statementEvent('\u{1f600}')];
    expect(() => reckoned(bytes)).not.toThrow();
    expect(() => reckoned(bytes.toReversed())).toThrow('not in order');
  });
});

describe('the rules about events', () => {
  const breaches: Record<string, Partial<StatementEvent>> = {
    usage_outside_term: { version: null },
    usage_by_revoked_key: { key: 'KeyB', time: '2026-03-02T12:00:00.000Z' },
    usage_without_authorization: { authorization: 'none' },
    model_not_in_scope: { model: unreleasedModel, served_model: unreleasedModel },
    served_model_mismatch: { served_model: models.conversation },
    network_not_allowed: { client_ip: addresses.elsewhere },
  };

  it('find nothing in an event in order, to the last moment before a revocation', () => {
    const clean = [statementEvent('1'), statementEvent('2', { key: 'KeyB', time: '2026-03-02T11:59:59.999Z' })];
    expect(reckoned(clean).findings).toEqual([]);
  });

  it('each has an event here that breaks it alone, or the list above is not complete', () => {
    expect(Object.keys(breaches).toSorted()).toEqual(eventRules.map(({ id }) => id).toSorted());
  });

  it.each(Object.entries(breaches))(
    '%s is found by the one event that shows it, with clause and evidence',
    (rule, change) => {
      const { findings } = reckoned([statementEvent('1', change)]);
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({
        rule,
        subject: { kind: 'key', id: change.key ?? 'KeyA' },
        occurrences: 1,
        delta: 1,
        evidence: ['gateway://test 1'],
        termsDigest: 'sha-256:of-the-terms',
      });
      expect(findings[0]!.clauseRef).toMatch(/^\d+$/);
    },
  );

  it.each(['none', 'unknown', 'reused', 'mismatched'] as const)('an authorization that is %s is none', (state) => {
    const { findings } = reckoned([statementEvent('1', { authorization: state })]);
    expect(findings[0]).toMatchObject({ rule: 'usage_without_authorization', observed: `authorization ${state}` });
  });

  it('an event without an address came from no allowed network', () => {
    expect(rulesOf(reckoned([statementEvent('1', { client_ip: null })]))).toEqual(['network_not_allowed']);
  });

  it('one finding for each rule and key, however many the events; its evidence is the first ten', () => {
    const events = Array.from({ length: 30 }, (_, at) =>
      statementEvent(String(at).padStart(2, '0'), { key: at % 2 ? 'KeyA' : 'KeyB', authorization: 'none' }),
    );
    const { findings } = reckoned(events);
    expect(findings.map(({ subject, occurrences }) => [subject.id, occurrences])).toEqual([
      ['KeyA', 15],
      ['KeyB', 15],
    ]);
    expect(findings[0]!.evidence).toHaveLength(10);
  });
});

describe('the rules about the facts of a period', () => {
  const window = {
    quota: 'code-requests-daily',
    metric: 'requests',
    subject: 'agreement',
    startsAt: periodStart,
    endsAt: '2026-03-03T00:00:00.000Z',
    hard: true,
    limit: 10,
    ended: true,
    used: 10,
    reserved: 0,
  };
  const digest = 'sha-256:other';
  const breaches: Record<string, Partial<StatementFacts>> = {
    quota_exceeded: { windows: [{ ...window, used: 13 }] },
    conflicting_event: { conflicts: [{ source: 's', id: '1', digest }] },
    authorized_not_reported: { unreported: [{ key: 'KeyA', admissions: 3 }] },
  };

  it('find nothing in a window used to its last unit', () => {
    expect(reckoned([], { windows: [window] }).findings).toEqual([]);
  });

  it('do not judge a window that goes on beyond the period: it is judged once, where it ends', () => {
    expect(reckoned([], { windows: [{ ...window, used: 13, ended: false }] }).findings).toEqual([]);
  });

  it('each has facts here that break it alone, or the list above is not complete', () => {
    expect(Object.keys(breaches).toSorted()).toEqual(factRules.map(({ id }) => id).toSorted());
    for (const [rule, facts] of Object.entries(breaches)) expect(rulesOf(reckoned([], facts))).toEqual([rule]);
  });

  it('quota_exceeded says by how much, and names the clause', () => {
    expect(reckoned([], breaches.quota_exceeded).findings[0]).toMatchObject({
      clauseRef: '5',
      expected: 'at most 10 requests',
      observed: '13 requests',
      delta: 3,
    });
  });

  it('all contradictions of one identity are one finding', () => {
    const conflicts = ['b', 'a'].map((hex) => ({ source: 's', id: '1', digest: `sha-256:${hex}` }));
    expect(reckoned([], { conflicts }).findings).toMatchObject([
      { delta: 2, observed: '3 different payloads', evidence: ['sha-256:a', 'sha-256:b'] },
    ]);
  });
});

describe('the coverage', () => {
  it('names every block of the terms that says how it is held, once', () => {
    const { terms } = exampleFacts.versions[0]!;
    const { enforced, metered, attested } = coverageOf(terms);
    expect(metered).toEqual(['evaluationSets (8)', 'prohibitedUses (3)']);
    expect(enforced).toContain('networks (6)');
    expect(attested).toContain('data (9)');
    expect(enforced.filter((name) => name === 'quotas (5)')).toHaveLength(terms.quotas.length);
  });
});

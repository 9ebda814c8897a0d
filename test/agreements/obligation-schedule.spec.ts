import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { obligationsDue, obligationsUpon, PlannedObligation } from '../../src/agreements/obligations/schedule.js';
import { endOf } from '../../src/agreements/status.js';
import { DatedVersion } from '../../src/agreements/versions.js';
import { day } from '../../src/kernel/clock.js';
import { calendarPeriod } from '../../src/kernel/periods.js';
import { Obligation, Terms } from '../../src/terms/terms.js';
import { exampleTerms } from '../terms/example-terms.js';

type Reporting = Pick<Obligation, 'id' | 'cadence' | 'dueDays'> & Partial<Obligation>;

interface Facts {
  number?: number;
  from: string;
  until: string;
  zone?: string;
  reporting?: Reporting[];
  certificate?: boolean;
}

/** A version of the example's terms that asks for what a test says. */
function version(facts: Facts): DatedVersion {
  const { number = 1, from, until, zone = 'UTC', reporting = [], certificate = false } = facts;
  const terms: Terms = {
    ...exampleTerms,
    term: { ...exampleTerms.term, effectiveFrom: from, expiresAt: until },
    reporting: reporting.map((term) => ({ clauseRef: '8', heldBy: 'attested', kind: 'usage_attestation', ...term })),
    publication: { ...exampleTerms.publication, timezone: zone },
    data: {
      ...exampleTerms.data,
      evaluatorRetention: { days: 365, deletionCertificate: certificate, deletionDueDays: 60 },
    },
  };
  return { number, effectiveFrom: new Date(from), terms };
}

const at = (text: string) => new Date(text);
const far = at('2040-01-01T00:00:00Z');
const monthly = { id: 'm', cadence: 'monthly', dueDays: 10 } as const;
const quarterly = { id: 'q', cadence: 'quarterly', dueDays: 20 } as const;

/** Periods as texts, with the day by which each is due. */
const told = (planned: readonly PlannedObligation[]) =>
  planned.map(({ period, dueAt }) =>
    [period?.startsAt, period?.endsAt, dueAt].map((one) => one?.toISOString() ?? null),
  );

describe('what the terms ask for in calendar periods', () => {
  const versions = [
    version({ from: '2026-01-20T12:00:00Z', until: '2026-05-10T00:00:00Z', reporting: [monthly, quarterly] }),
  ];

  it('is cut to the term at both ends, and due so many days after each end', () => {
    const planned = obligationsDue(versions, null, at('2026-05-09T00:00:00Z'));
    expect(told(planned.filter(({ termId }) => termId === 'm'))).toEqual([
      ['2026-01-20T12:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-02-11T00:00:00.000Z'],
      ['2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z', '2026-03-11T00:00:00.000Z'],
      ['2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z', '2026-04-11T00:00:00.000Z'],
      ['2026-04-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z', '2026-05-11T00:00:00.000Z'],
      ['2026-05-01T00:00:00.000Z', '2026-05-10T00:00:00.000Z', '2026-05-20T00:00:00.000Z'],
    ]);
    expect(told(planned.filter(({ termId }) => termId === 'q'))).toEqual([
      ['2026-01-20T12:00:00.000Z', '2026-04-01T00:00:00.000Z', '2026-04-21T00:00:00.000Z'],
      ['2026-04-01T00:00:00.000Z', '2026-05-10T00:00:00.000Z', '2026-05-30T00:00:00.000Z'],
    ]);
  });

  it('comes to be owed at the very instant at which its period begins', () => {
    const before = obligationsDue(versions, null, at('2026-01-31T23:59:59.999Z'));
    const on = obligationsDue(versions, null, at('2026-02-01T00:00:00Z'));
    expect(before).toHaveLength(2);
    expect(on).toHaveLength(3);
    expect(obligationsDue(versions, null, at('2026-01-20T11:59:59.999Z'))).toEqual([]);
  });

  it('follows the local clock where it changes', () => {
    const reporting = [monthly];
    const from = '2026-03-01T05:00:00Z';
    const zoned = [version({ from, until: '2026-05-01T00:00:00Z', zone: 'America/New_York', reporting })];
    expect(told(obligationsDue(zoned, null, at('2026-04-15T00:00:00Z')))).toEqual([
      ['2026-03-01T05:00:00.000Z', '2026-04-01T04:00:00.000Z', '2026-04-11T04:00:00.000Z'],
      ['2026-04-01T04:00:00.000Z', '2026-05-01T00:00:00.000Z', '2026-05-11T00:00:00.000Z'],
    ]);
  });

  it('goes on without a gap where an amendment prolongs the term that a period was cut to', () => {
    const first = { from: '2026-01-01T00:00:00Z', until: '2026-02-10T00:00:00Z', reporting: [monthly] };
    const longer = { number: 2, from: '2026-02-05T00:00:00Z', until: '2026-04-01T00:00:00Z', reporting: [monthly] };
    const planned = obligationsDue([version(first), version(longer)], null, at('2026-03-02T00:00:00Z'));
    expect(planned.map(({ versionNumber }) => versionNumber)).toEqual([1, 1, 2, 2]);
    expect(told(planned).map(([startsAt, endsAt]) => [startsAt, endsAt])).toEqual([
      ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
      ['2026-02-01T00:00:00.000Z', '2026-02-10T00:00:00.000Z'],
      ['2026-02-10T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
      ['2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ]);
  });

  it('starts with the amendment that asks for it, and ends with the one that does not', () => {
    const until = '2026-12-01T00:00:00Z';
    const planned = obligationsDue(
      [
        version({ from: '2026-01-01T00:00:00Z', until }),
        version({ number: 2, from: '2026-02-10T00:00:00Z', until, reporting: [monthly] }),
        version({ number: 3, from: '2026-03-10T00:00:00Z', until }),
        version({ number: 4, from: '2026-06-10T00:00:00Z', until, reporting: [{ ...monthly, cadence: 'quarterly' }] }),
      ],
      null,
      at('2026-08-01T00:00:00Z'),
    );
    expect(planned.map(({ versionNumber }) => versionNumber)).toEqual([2, 2, 4, 4]);
    expect(told(planned).map(([startsAt, endsAt]) => [startsAt, endsAt])).toEqual([
      ['2026-02-10T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
      ['2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
      ['2026-06-10T00:00:00.000Z', '2026-07-01T00:00:00.000Z'],
      ['2026-07-01T00:00:00.000Z', '2026-10-01T00:00:00.000Z'],
    ]);
  });

  it('begins no more once the agreement has ended early; what has begun stays as it was announced', () => {
    const endedAt = at('2026-03-10T00:00:00Z');
    const planned = obligationsDue(versions, endedAt, far).filter(({ termId }) => termId === 'm');
    expect(told(planned).at(-1)).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-04-01T00:00:00.000Z',
      '2026-04-11T00:00:00.000Z',
    ]);
  });
});

describe('what the terms ask for at an event', () => {
  const reporting = [
    { id: 'end', cadence: 'on_term_end', dueDays: 45, kind: 'final_report' },
    { id: 'campaign', cadence: 'on_campaign_end', dueDays: 30 },
    { id: 'severe', cadence: 'on_discovery', dueDays: 3 },
    { id: 'any', cadence: 'on_discovery', dueDays: 30 },
  ] as const;
  const versions = [
    version({
      from: '2026-01-01T00:00:00Z',
      until: '2026-07-01T00:00:00Z',
      reporting: [...reporting],
      certificate: true,
    }),
  ];

  it('of the end is made then, the certificate of deletion too, after its own days', () => {
    expect(obligationsDue(versions, null, at('2026-06-30T23:59:59.999Z'))).toEqual([]);
    const due = obligationsDue(versions, null, at('2026-07-01T00:00:00Z'));
    expect(due.map(({ kind, termId, dueAt }) => [kind, termId, dueAt.toISOString()])).toEqual([
      ['final_report', 'end', '2026-08-15T00:00:00.000Z'],
      ['deletion_certificate', 'deletion-certificate', '2027-08-30T00:00:00.000Z'],
    ]);
  });

  it('of the end goes by the real one, and by the version that held last', () => {
    const until = '2026-07-01T00:00:00Z';
    const amended = [
      ...versions,
      version({ number: 2, from: '2026-04-01T00:00:00Z', until, reporting: [{ ...reporting[0], dueDays: 5 }] }),
      version({ number: 3, from: '2026-06-01T00:00:00Z', until }),
    ];
    const due = obligationsDue(amended, at('2026-05-01T00:00:00Z'), far);
    expect(due.map(({ versionNumber, dueAt }) => [versionNumber, dueAt.toISOString()])).toEqual([
      [2, '2026-05-06T00:00:00.000Z'],
    ]);
  });

  it('of an agreement that ended before it began is nothing', () => {
    expect(obligationsDue(versions, at('2025-12-31T00:00:00Z'), far)).toEqual([]);
    expect(obligationsDue(versions, at('2026-01-01T00:00:00Z'), far)).toEqual([]);
  });

  it('of another kind is made of the terms that name it, and time alone makes none', () => {
    const named = (cadence: 'on_campaign_end' | 'on_discovery') =>
      obligationsUpon(cadence, versions[0]!, at('2026-02-01T00:00:00Z')).map(({ termId, dueAt }) => [
        termId,
        dueAt.toISOString(),
      ]);
    expect(named('on_campaign_end')).toEqual([['campaign', '2026-03-03T00:00:00.000Z']]);
    expect(named('on_discovery')).toEqual([
      ['severe', '2026-02-04T00:00:00.000Z'],
      ['any', '2026-03-03T00:00:00.000Z'],
    ]);
  });
});

const zones = fc.constantFrom('UTC', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'America/St_Johns');
const cadences = fc.constantFrom('monthly', 'quarterly', 'on_term_end', 'on_campaign_end', 'on_discovery' as const);
const ids = ['a', 'b', 'c'];
const reportings = fc
  .subarray(ids)
  .chain((chosen) =>
    fc.tuple(...chosen.map((id) => fc.record({ id: fc.constant(id), cadence: cadences, dueDays: fc.nat(60) }))),
  );
const opening = at('2026-01-05T10:00:00Z').getTime();
/** Instants of three years from the opening on, to the hour. */
const hours = fc.integer({ min: 0, max: 3 * 365 * 24 }).map((count) => new Date(opening + count * 3_600_000));

/** Up to four versions, each from later on than the one before, with whatever terms and ends. */
const histories = fc
  .array(fc.record({ from: hours, lasting: fc.integer({ min: 1, max: 900 }), zone: zones, reporting: reportings }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((drafts) => {
    const sorted = drafts.toSorted((one, other) => +one.from - +other.from);
    const distinct = sorted.filter(({ from }, index) => index === 0 || +from > +sorted[index - 1]!.from);
    return distinct.map(({ from, lasting, zone, reporting }, index) => {
      const until = new Date(from.getTime() + lasting * day).toISOString();
      return version({ number: index + 1, from: from.toISOString(), until, zone, reporting, certificate: true });
    });
  });
const ends = fc.option(hours);

const periodsByTerm = (planned: readonly PlannedObligation[]) =>
  Map.groupBy(
    planned.filter(({ period }) => period !== null),
    ({ termId }) => termId,
  );

describe('whatever the terms and their history', () => {
  it('the same facts give the same obligations, and a later look adds to them and changes none', () => {
    fc.assert(
      fc.property(histories, ends, hours, hours, (versions, endedAt, one, other) => {
        const [earlier, later] = one < other ? [one, other] : [other, one];
        const before = obligationsDue(versions, endedAt, earlier);
        const after = obligationsDue(versions, endedAt, later);
        expect(obligationsDue(versions, endedAt, earlier)).toEqual(before);
        expect(after.filter(({ beginsAt }) => beginsAt <= earlier)).toEqual(before);
      }),
    );
  });

  it('the periods of a term never overlap, and leave no gap while the versions keep it', () => {
    fc.assert(
      fc.property(histories, ends, (versions, endedAt) => {
        const end = endOf(versions, endedAt);
        for (const [termId, planned] of periodsByTerm(obligationsDue(versions, endedAt, far))) {
          planned.forEach(({ period }, index) => {
            const following = planned[index + 1]?.period?.startsAt ?? end;
            expect(+period!.startsAt).toBeLessThan(+period!.endsAt);
            if (index + 1 < planned.length) expect(+period!.endsAt).toBeLessThanOrEqual(+following);
            if (period!.endsAt < following)
              expect(keptThroughout(versions, termId, period!.endsAt, following)).toBe(false);
          });
        }
      }),
    );
  });

  it('an amendment changes nothing about what has begun before it takes effect', () => {
    fc.assert(
      fc.property(histories, hours, (versions, when) => {
        fc.pre(versions.length > 1);
        const [amendment, earlier] = [versions.at(-1)!, versions.slice(0, -1)];
        const begun = (all: readonly DatedVersion[]) =>
          obligationsDue(all, null, when).filter(
            ({ beginsAt, period }) => period !== null && beginsAt < amendment.effectiveFrom,
          );
        expect(begun(versions)).toEqual(begun(earlier));
      }),
    );
  });

  it('nothing is owed that the version in force when it began does not ask for, nor on another day', () => {
    fc.assert(
      fc.property(histories, ends, (versions, endedAt) => {
        const end = endOf(versions, endedAt);
        for (const { versionNumber, termId, period, beginsAt, dueAt } of obligationsDue(versions, endedAt, far)) {
          const { effectiveFrom, terms } = versions.find(({ number }) => number === versionNumber)!;
          expect(beginsAt >= effectiveFrom && beginsAt <= end).toBe(true);
          const next = versions.find(({ number }) => number === versionNumber + 1);
          if (next && period) expect(beginsAt < next.effectiveFrom).toBe(true);
          const term = terms.reporting.find(({ id }) => id === termId);
          const days = term?.dueDays ?? 425;
          expect(+dueAt).toBe(+(period?.endsAt ?? end) + days * day);
          if (!period) expect(term?.cadence ?? 'certificate').toMatch(/on_term_end|certificate/);
          else expect(endsRightly(term!.cadence, terms, beginsAt)).toContainEqual(period.endsAt);
        }
      }),
    );
  });

  it('no two obligations have the same term and beginning', () => {
    fc.assert(
      fc.property(histories, ends, (versions, endedAt) => {
        const keys = obligationsDue(versions, endedAt, far).map(({ termId, beginsAt }) => `${termId} ${+beginsAt}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

/** Whether every version of a stretch asks for a term in periods. */
function keptThroughout(versions: readonly DatedVersion[], termId: string, from: Date, until: Date): boolean {
  const holding = versions.filter(({ effectiveFrom }, index) => {
    const next = versions[index + 1]?.effectiveFrom;
    return effectiveFrom < until && (next === undefined || next > from);
  });
  return holding.every(({ terms }) =>
    terms.reporting.some(({ id, cadence }) => id === termId && (cadence === 'monthly' || cadence === 'quarterly')),
  );
}

/** The instants at which a period may end: the end of its month or its quarter's last month, or that of the term. */
function endsRightly(cadence: Obligation['cadence'], { publication, term }: Terms, beginsAt: Date): Date[] {
  const endOfMonth = (when: Date) => calendarPeriod('month', publication.timezone, when).endsAt;
  const first = endOfMonth(beginsAt);
  const further = cadence === 'quarterly' ? [endOfMonth(first), endOfMonth(endOfMonth(first))] : [];
  return [first, ...further, new Date(term.expiresAt)];
}

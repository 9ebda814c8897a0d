import { describe, expect, it } from 'vitest';
import { materialChanges } from '../../../src/terms/amending/administrative.js';
import { amendmentFaults, amendmentKinds, type AmendmentKind } from '../../../src/terms/amending/amendment.js';
import type { AmendedText } from '../../../src/terms/amending/faults.js';
import { TERMS_PROBLEMS } from '../../../src/terms/drafting/problems.js';
import type { ProseClause } from '../../../src/terms/digest.js';
import { edited } from '../edited.js';
import { exampleProse } from '../example-prose.js';
import { exampleTerms } from '../example-terms.js';

const before: AmendedText = {
  terms: edited(exampleTerms, '/cure/protectiveAmendments', true),
  prose: exampleProse,
};
type Edits = Readonly<Record<string, unknown>>;
const amended = (edits: Edits, from = before): AmendedText =>
  Object.entries(edits).reduce((text, [pointer, value]) => edited(text, pointer, value), from);
const faults = (kind: AmendmentKind, edits: Edits, from = before): string[] =>
  amendmentFaults(kind, from, amended(edits, from)).map(({ code, pointer }) => `${code} ${pointer}`);
const placeOf = (clauseId: string): string => `/prose/${exampleProse.findIndex((one) => one.clauseId === clauseId)}`;
const withClause = (clauseId: string): Edits => ({
  '/prose': [...exampleProse, { clauseId, heading: 'New', text: 'A new clause.' } satisfies ProseClause],
});

const address = { '/terms/notices/addresses/1/email': 'notices@kestrel.example' };
const lower = { '/terms/quotas/0/limit': 1_000_000 };
const prohibition = {
  '/terms/prohibitedUses/6': {
    code: 'service_disruption',
    clauseRef: '3.6',
    heldBy: 'metered',
    curable: true,
    response: 'finding',
  },
};

describe('an amendment of any kind', () => {
  it.each(amendmentKinds)('changes something (%s)', (kind) => {
    expect(faults(kind, {})).toEqual(['terms.amendment_empty ']);
    expect(amendmentFaults(kind, before, structuredClone(before))).toMatchObject([{ code: 'terms.amendment_empty' }]);
  });

  it.each(amendmentKinds)('does not move the start of the term (%s), and is told so once', (kind) => {
    const moved = faults(kind, { '/terms/term/effectiveFrom': '2026-01-02T00:00:00Z' });
    expect(moved).toEqual(['terms.amendment_start_moved /terms/term/effectiveFrom']);
  });

  it('has only faults that the list of codes knows, each with what would be accepted', () => {
    const everything = amended({
      '/terms': edited(exampleTerms, '/term/effectiveFrom', '2026-01-02T00:00:00Z'),
      '/prose': exampleProse.slice(1),
    });
    for (const kind of amendmentKinds) {
      for (const fault of amendmentFaults(kind, before, everything)) {
        expect(Object.keys(TERMS_PROBLEMS)).toContain(fault.code);
        expect(fault.expected.length, fault.pointer).toBeGreaterThan(3);
        expect(fault.detail).toMatch(/^[A-Z].*\.$/);
      }
    }
  });
});

describe('a material amendment', () => {
  it('may change anything else', () => {
    expect(faults('material', { '/terms/quotas/0/limit': 90_000_000, '/prose/0/text': 'Others.' })).toEqual([]);
    expect(faults('material', { '/terms/term/expiresAt': '2027-07-01T00:00:00Z' })).toEqual([]);
    expect(faults('material', { '/prose/0/heading': 'The parties' })).toEqual([]);
    expect(faults('material', { '/prose': exampleProse.toReversed() })).toEqual([]);
  });

  it('gives a quota that counts something else an id of its own, so that what was counted goes on meaning the same', () => {
    for (const field of ['metric', 'scope', 'filter'] as const) {
      const other = { metric: 'input_tokens', scope: 'key', filter: { modelId: 'another' } }[field];
      const edits = { [`/terms/quotas/0/${field}`]: other };
      expect(faults('material', edits)[0]).toMatch(`terms.amendment_quota_changed /terms/quotas/0/${field}`);
      expect(faults('material', { ...edits, '/terms/quotas/0/id': 'of-its-own' })).toEqual([]);
    }
    expect(faults('material', { '/terms/quotas/0/notifyAtPercent': [50] })).toEqual([]);
  });
});

describe('an administrative amendment', () => {
  it('changes addresses for notices, and the words of the clause about them', () => {
    expect(faults('administrative', address)).toEqual([]);
    const more = { '/terms/notices/addresses/2': { party: 'provider', email: 'second@northgate.example' } };
    expect(faults('administrative', more)).toEqual([]);
    expect(faults('administrative', { [`${placeOf('10')}/text`]: 'Notices go to the new office.' })).toEqual([]);
    expect(materialChanges(before, amended(address))).toEqual([]);
  });

  it.each<[string, Edits, string[]]>([
    ['another term', { '/terms/keys/rotationDays': 29 }, ['/terms/keys/rotationDays']],
    [
      'when notices count as received',
      { '/terms/notices/deemedReceivedHours': 25 },
      ['/terms/notices/deemedReceivedHours'],
    ],
    ['which clause is about notices', { '/terms/notices/clauseRef': '9' }, ['/terms/notices/clauseRef']],
    [
      'which clause is about notices, to reword that one',
      { '/terms/notices/clauseRef': '9', '/prose/21/text': 'Silence refuses.' },
      ['/terms/notices/clauseRef', '/prose/21/text'],
    ],
    [
      'a right that was absent',
      { '/terms/cure/protectiveAmendments': undefined },
      ['/terms/cure/protectiveAmendments'],
    ],
    ['the words of another clause', { '/prose/0/text': 'Others.' }, ['/prose/0/text']],
    ['the heading of another clause', { '/prose/0/heading': 'Others' }, ['/prose/0/heading']],
    ['a clause more', withClause('12'), [`/prose/${exampleProse.length}`]],
    ['a clause fewer', { '/prose': exampleProse.slice(1) }, ['/prose']],
    ['the order of clauses', { '/prose': exampleProse.toReversed() }, ['/prose']],
  ])('does not change %s', (_, edits, places) => {
    expect(faults('administrative', { ...address, ...edits })).toEqual(
      places.map((place) => `terms.amendment_material ${place}`),
    );
  });
});

describe('a protective amendment', () => {
  it('narrows terms, with the words of the clauses that they refer to', () => {
    expect(faults('protective', lower)).toEqual([]);
    expect(faults('protective', { ...lower, [`${placeOf('5.1')}/text`]: 'One million.' })).toEqual([]);
    const scope = { '/terms/scope/models/0/until': '2026-05-01T00:00:00Z', [`${placeOf('4')}/text`]: 'Until May.' };
    expect(faults('protective', scope)).toEqual([]);
    const team = { '/terms/roster/cleanTeam/coolingOffDays': 180, [`${placeOf('6.3')}/text`]: 'Half a year.' };
    expect(faults('protective', team)).toEqual([]);
    const purpose = { '/terms/purposes/permitted': exampleTerms.purposes.permitted.slice(1) };
    expect(faults('protective', { ...purpose, [`${placeOf('3.1')}/text`]: 'Jailbreaks only.' })).toEqual([]);
  });

  it('may bring a clause of its own for a term that it adds', () => {
    expect(faults('protective', { ...prohibition, ...withClause('3.6') })).toEqual([]);
  });

  it('may reword the clause of a term that it takes away', () => {
    const gone = {
      '/terms/scope/models': exampleTerms.scope.models.slice(0, 1),
      '/terms/quotas': exampleTerms.quotas.toSpliced(1, 1),
      [`${placeOf('5.2')}/text`]: 'Left out.',
    };
    expect(faults('protective', gone)).toEqual([]);
  });

  it.each<[string, Edits, string[]]>([
    ['widen terms', { '/terms/quotas/0/limit': 50_000_001 }, ['widens /terms/quotas/0/limit']],
    ['reword the clause of another term', { ...lower, '/prose/1/text': 'For ever.' }, ['prose /prose/1/text']],
    [
      'reword the clause around a narrower one',
      { '/terms/roster/cleanTeam/coolingOffDays': 180, [`${placeOf('6.2')}/text`]: 'Nobody.' },
      [`prose ${placeOf('6.2')}/text`],
    ],
    ['add a clause that no added term refers to', { ...lower, ...withClause('12') }, ['prose /prose/26']],
    ['take a clause out', { ...lower, '/prose': exampleProse.slice(1) }, ['prose /prose']],
    ['reorder clauses', { ...lower, '/prose': exampleProse.toReversed() }, ['prose /prose']],
    [
      'rewrite an old clause by letting a new term refer to it',
      { ...prohibition, '/terms/prohibitedUses/6/clauseRef': '11.3', [`${placeOf('11.3')}/text`]: 'At will.' },
      [`prose ${placeOf('11.3')}/text`],
    ],
    [
      'rewrite another clause by letting a narrowed term refer to it',
      { ...lower, '/terms/quotas/0/clauseRef': '11.3', [`${placeOf('11.3')}/text`]: 'At will.' },
      ['fixed /terms/quotas/0/clauseRef'],
    ],
    ['change prose alone', { [`${placeOf('5.1')}/text`]: 'One million.' }, [`prose ${placeOf('5.1')}/text`]],
    ['be administrative', address, ['fixed /terms/notices/addresses/1/email']],
  ])('does not %s', (_, edits, expected) => {
    expect(faults('protective', edits)).toEqual(expected.map((fault) => `terms.amendment_${fault}`));
  });

  it.each([false, undefined])('takes a clause that permits it (%s)', (permitted) => {
    const from = amended({ '/terms/cure/protectiveAmendments': permitted });
    expect(faults('protective', lower, from)).toEqual([
      'terms.amendment_not_permitted /terms/cure/protectiveAmendments',
    ]);
    // Granting itself the permission is no way in.
    expect(faults('protective', { ...lower, '/terms/cure/protectiveAmendments': true }, from)).toContain(
      'terms.amendment_not_permitted /terms/cure/protectiveAmendments',
    );
  });
});

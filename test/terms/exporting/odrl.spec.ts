import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/kernel/canonical-json.js';
import { termsOf } from '../../../src/demo/agreement.js';
import { clauseReferences } from '../../../src/terms/drafting/clause-rules.js';
import { odrlAgreement } from '../../../src/terms/exporting/odrl.js';
import { edited, objectsWithin } from '../edited.js';
import { exampleTerms } from '../example-terms.js';
import { odrlProblems } from '../odrl/check-odrl.js';
import { changedInOnePlace } from './another-value.js';
import { exampleVersion, versionOf } from './example-version.js';
import { someTerms } from './some-terms.js';

const exported = odrlAgreement(exampleVersion);

/** The values of a member, wherever in the document it stands. */
function everywhere(value: unknown, name: string): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...(key === name ? [member] : []),
    ...everywhere(member, name),
  ]);
}

/** Where a member with that value stands, as the pointer of the object that holds it. */
function holderOf(name: string, value: unknown): string {
  const place = objectsWithin(exported).find((pointer) => {
    const holder = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((at, token) => Reflect.get(Object(at), token), exported);
    return Reflect.get(Object(holder), name) === value;
  });
  return place ?? 'nowhere';
}

describe('an agreement in ODRL', () => {
  it('is an Agreement of the profile from the provider to the evaluator, where prohibition wins', () => {
    expect(exported).toMatchObject({
      '@context': ['http://www.w3.org/ns/odrl.jsonld', { parley: 'urn:parley:odrl:1:' }],
      '@type': 'Agreement',
      uid: 'urn:uuid:0198c0de-0000-7000-8000-00000000a6e1#version-1',
      profile: 'urn:parley:odrl:1',
      conflict: 'prohibit',
      assigner: { uid: 'urn:parley:party:lab', 'vcard:fn': 'Northgate Labs, Inc.' },
      assignee: { uid: 'urn:uuid:0198c0de-0000-7000-8000-00000000ce57', 'vcard:fn': 'Kestrel AI Ltd' },
      'parley:digest': exampleVersion.digest,
    });
  });

  it('has the same bytes for the same version, whatever order its fields and parties came in', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (value === null || typeof value !== 'object' || value instanceof Date) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([name, member]) => [name, turned(member)]),
      );
    };
    const version = Object(turned(exampleVersion)) as typeof exampleVersion;
    const again = odrlAgreement({ ...version, parties: version.parties.toReversed() });
    expect(JSON.stringify(again)).toBe(JSON.stringify(exported));
  });

  it('is plain JSON, and says nothing by a number that JSON readers may round', () => {
    expect(JSON.parse(canonicalJson(exported))).toEqual(JSON.parse(JSON.stringify(exported)));
    const most = odrlAgreement(versionOf(edited(exampleTerms, '/quotas/0/limit', 2 ** 53 - 1)));
    expect(JSON.stringify(most)).toContain('{"@value":"9007199254740991","@type":"xsd:integer"}');
  });

  it('says a limit on money as a decimal amount in its currency, to the last micro-unit', () => {
    const quota = { ...exampleTerms.quotas[0], id: 'spend', metric: 'spend', currency: 'EUR' };
    for (const [limit, amount] of [
      [1, '0.000001'],
      [12_500_000, '12.500000'],
      [2 ** 53 - 1, '9007199254.740991'],
    ] as const) {
      const text = JSON.stringify(odrlAgreement(versionOf(edited(exampleTerms, '/quotas', [{ ...quota, limit }]))));
      expect(text).toContain(`"rightOperand":{"@value":"${amount}","@type":"xsd:decimal"}`);
      expect(text).toContain('"unit":{"@id":"parley:currency:EUR"}');
    }
  });

  it('says each use that is forbidden and each duty as a rule of its own', () => {
    const names = (property: string) =>
      (exported[property] as { uid: string; action: string }[]).map(
        ({ uid, action }) => `${uid.slice(String(exported['uid']).length)} ${action}`,
      );
    expect(names('prohibition')).toEqual([
      '/prohibition/model_training parley:action:model_training',
      '/prohibition/distillation parley:action:distillation',
      '/prohibition/competing_product_development parley:action:competing_product_development',
      '/prohibition/competitive_benchmarking parley:action:competitive_benchmarking',
      '/prohibition/key_sharing parley:action:key_sharing',
      '/prohibition/propensity.whistleblowing use',
      '/prohibition/training parley:action:train_on_content',
      '/prohibition/personal-data parley:action:personal_data_processing',
      '/prohibition/capability-benchmarks parley:action:run_capability_benchmark',
      '/condition/robustness.jailbreak/0 distribute',
    ]);
    expect(names('obligation')).toEqual([
      '/obligation/report/monthly-usage inform',
      '/obligation/report/severe-findings inform',
      '/obligation/report/final-report inform',
      '/obligation/deletion delete',
      '/obligation/deletion-certificate inform',
      '/obligation/publication-review obtainConsent',
      '/obligation/clean-team parley:action:keep_clean_team',
      '/obligation/control/0 parley:action:keep_compensating_control',
      '/condition/propensity/0 inform',
    ]);
  });

  it('says a quota as an amount, what it counts and how often it begins anew, all at once', () => {
    const quota = (window: unknown) => {
      const included = odrlAgreement(versionOf(edited(exampleTerms, '/quotas/0/window', window)))['@included'];
      const found = (included as { uid: string }[]).find(({ uid }) => uid.endsWith('/quota/monthly-output'));
      return (everywhere(found, 'and') as { '@list': Record<string, unknown>[] }[])[0]?.['@list'].map(
        ({ leftOperand, operator, rightOperand }) => [leftOperand, operator, Object.values(Object(rightOperand))[0]],
      );
    };
    const most = [
      ['count', 'lteq', '50000000'],
      ['unitOfCount', 'eq', 'parley:unit:output_tokens'],
    ];
    expect(quota({ kind: 'calendar', unit: 'week', timezone: 'UTC' })).toEqual([
      ...most,
      ['timeInterval', 'eq', 'P7D'],
    ]);
    expect(quota({ kind: 'rolling', unit: 'minute' })).toEqual([...most, ['elapsedTime', 'eq', 'PT1M']]);
    expect(quota({ kind: 'term' })).toEqual(most);
  });

  it('keeps an empty list of networks closed and says an open one outright', () => {
    const network = (cidrs: unknown) =>
      (odrlAgreement(versionOf(edited(exampleTerms, '/networks/cidrs', cidrs)))['@included'] as { uid: string }[]).find(
        ({ uid }) => uid.endsWith('/constraint/network'),
      );
    expect(network([])).toMatchObject({ operator: 'isAnyOf', rightOperand: { '@list': [] } });
    expect(network('any')).toMatchObject({ operator: 'eq', rightOperand: { '@id': 'parley:network:any' } });
  });

  it('gives no IRI to two things', () => {
    fc.assert(
      fc.property(someTerms, (terms) => {
        const uids = everywhere(odrlAgreement(versionOf(terms)), 'uid');
        expect(new Set(uids).size).toBe(uids.length);
      }),
      { numRuns: 100 },
    );
  });

  it('is refused for a version that lacks a party', () => {
    const [evaluator, provider] = exampleVersion.parties;
    expect(() => odrlAgreement({ ...exampleVersion, parties: [evaluator!] })).toThrow('The version has no provider.');
    expect(() => odrlAgreement({ ...exampleVersion, parties: [provider!] })).toThrow('The version has no evaluator.');
  });

  it('gives every rule its clause and how it is held', () => {
    const rules = ['permission', 'prohibition', 'obligation', 'remedy'].flatMap((name) =>
      everywhere(exported, name).flat(),
    );
    expect(rules.length).toBeGreaterThan(20);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        'parley:clauseRef': expect.stringMatching(/^\d/),
        'parley:heldBy': expect.stringMatching(/^(enforced|metered|attested)$/),
      });
    }
  });

  it('says how each condition of a purpose is held, not how the clause around it is', () => {
    const condition = (code: string) => holderOf('parley:condition', code);
    const heldBy = (pointer: string): unknown =>
      pointer
        .split('/')
        .slice(1)
        .reduce<unknown>((at, token) => Reflect.get(Object(at), token), exported);
    expect(heldBy(condition('results_shared_with_provider'))).toMatchObject({ 'parley:heldBy': 'attested' });
    expect(heldBy(condition('time_limited'))).toMatchObject({ 'parley:heldBy': 'enforced' });
  });
});

describe('nothing of the terms is left out of an export', () => {
  it('names every clause that the terms refer to, whatever they say', () => {
    fc.assert(
      fc.property(someTerms, (terms) => {
        const document = odrlAgreement(versionOf(terms));
        const named = new Set(everywhere(document, 'parley:clauseRef'));
        const surviving = everywhere(document, 'parley:survivingClauses').flatMap((list) => Object(list)['@list']);
        for (const { clauseRef } of clauseReferences(terms)) expect([...named, ...surviving]).toContain(clauseRef);
      }),
      { numRuns: 300 },
    );
  });

  it('differs when any value or any item of a list in the terms does', () => {
    const changed = changedInOnePlace(exampleTerms);
    expect(changed.length).toBeGreaterThan(200);
    for (const { pointer, terms } of changed) {
      const document = odrlAgreement(versionOf(terms, exampleVersion.effectiveFrom));
      expect(canonicalJson(document), pointer).not.toBe(canonicalJson(exported));
    }
  });
});

describe('an export checked against ODRL 2.2', () => {
  it('has no problem for the example and for the terms of the demonstration', async () => {
    const demonstration = termsOf(new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z'), 500);
    expect(await odrlProblems(exported)).toEqual([]);
    expect(await odrlProblems(odrlAgreement(versionOf(demonstration)))).toEqual([]);
  });

  it('has no problem whatever the terms say', async () => {
    await fc.assert(
      fc.asyncProperty(someTerms, async (terms) => {
        expect(await odrlProblems(odrlAgreement(versionOf(terms)))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('declares the terms of the profile that it uses, and no others', () => {
    fc.assert(
      fc.property(someTerms, (terms) => {
        const document = odrlAgreement(versionOf(terms));
        const included = document['@included'] as { '@type': string; uid: string }[];
        const declared = included.map(({ uid }) => uid).filter((uid) => uid.startsWith('parley:'));
        const others = included.filter(({ uid }) => !uid.startsWith('parley:'));
        const used = ['action', 'leftOperand', '@id'].flatMap((name) =>
          everywhere({ ...document, '@included': others }, name),
        );
        const ofProfile = used.filter((name) => String(name).startsWith('parley:'));
        expect(new Set(declared)).toEqual(new Set(ofProfile));
      }),
      { numRuns: 100 },
    );
  });

  const first = '/permission/0';
  const purpose = holderOf('leftOperand', 'purpose');
  const count = holderOf('leftOperand', 'count');
  const dated = holderOf('uid', `${String(exported['uid'])}/constraint/term-from`);
  const network = holderOf('uid', `${String(exported['uid'])}/constraint/network`);
  const quota = holderOf('uid', `${String(exported['uid'])}/quota/monthly-output`);
  const distillation = holderOf('uid', 'parley:action:distillation');

  it.each<[string, string, unknown, RegExp]>([
    ['an unknown member', '/surprise', 1, /Safe mode validation error/],
    ['another context', '/@context/0', 'http://www.w3.org/ns/odrl.json', /loading remote context failed/],
    ['a null', '/parley:number', null, /parley:number is null/],
    ['a property ODRL has not', '/odrl:licence', 'x', /odrl\/2\/licence is no property/],
    ['a class ODRL has not', '/permission/0/@type', 'odrl:Allowance', /Allowance is no class/],
    ['a policy that is no Agreement', '/@type', 'Offer', /0 agreements/],
    ['no uid', '/uid', undefined, /the Agreement has no uid/],
    ['a relative uid', '/uid', 'agreement', /relative @id reference/],
    ['no profile', '/profile', undefined, /names no profile/],
    ['no assigner', '/assigner', undefined, /0 values of assigner/],
    ['two assignees', '/assignee', ['urn:x:1', 'urn:x:2'], /2 values of assignee/],
    ['an assignee that is no party', '/assignee/@type', 'Asset', /assignee .* is no Party/],
    ['an unknown strategy', '/conflict', 'prohibited', /prohibited is no ConflictTerm/],
    ['an unknown action', `${first}/action`, 'exploit', /exploit is no absolute IRI/],
    ['an action ODRL has not', `${first}/action`, 'odrl:exploit', /odrl\/2\/exploit is not in the vocabulary/],
    ['an operand as an action', `${first}/action`, 'count', /count is no Action/],
    ['an action nobody declared', `${first}/action`, 'parley:action:guess', /action:guess is no Action/],
    ['two actions', `${first}/action`, ['use', 'derive'], /2 values of action/],
    ['no action', `${first}/action`, undefined, /0 values of action/],
    ['no target', `${first}/target`, undefined, /0 values of target/],
    ['a target that is no asset', `${first}/target`, exported['uid'], /is no Asset/],
    ['a rule of another class', `${first}/@type`, 'Duty', /is no Permission/],
    ['a constraint nobody wrote', `${first}/constraint/0`, 'urn:x:1', /urn:x:1 is described nowhere/],
    ['an unknown left operand', `${purpose}/leftOperand`, 'aim', /aim is no absolute IRI/],
    ['an operator as left operand', `${purpose}/leftOperand`, 'eq', /odrl\/2\/eq is no LeftOperand/],
    ['an unknown operator', `${purpose}/operator`, 'odrl:isOneOf', /isOneOf is no Operator/],
    ['no operator', `${purpose}/operator`, undefined, /0 values of operator/],
    ['an operator the context misspells', `${dated}/operator`, 'neq', /odrl\/2\/neg is not in the vocabulary/],
    ['no right operand', `${purpose}/rightOperand`, undefined, /0 right operands/],
    ['an array for a list', `${purpose}/rightOperand`, ['a', 'b'], /2 right operands/],
    ['an undeclared purpose', `${purpose}/rightOperand`, { '@id': 'parley:purpose:fun' }, /fun is no RightOperand/],
    ['a list where one is due', `${network}/operator`, 'eq', /odrl\/2\/eq takes no list/],
    ['an instant as mere text', `${dated}/rightOperand`, '2026-01-01', /dateTime takes dateTime/],
    ['a quota of one operand', `${quota}/and/@list`, [{ '@id': 'urn:x:1' }], /compares too little/],
    ['a limit without a count', `${count}/leftOperand`, undefined, /0 values of leftOperand/],
    ['an action within nothing', `${distillation}/includedIn`, undefined, /distillation is included in nothing/],
    ['an action within no other', `${distillation}/includedIn`, 'odrl:copyAll', /is included in .*copyAll/],
  ])('has a problem with %s', async (_, pointer, value, problem) => {
    expect(await odrlProblems(edited(exported, pointer, value))).toContainEqual(expect.stringMatching(problem));
  });

  it('has a problem when it has no rule at all', async () => {
    const bare = { ...exported, permission: [], prohibition: [], obligation: [] };
    expect(await odrlProblems(bare)).toContain('the Agreement has no rule');
  });
});

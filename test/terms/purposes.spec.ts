import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROHIBITED_USE_CODES, PROHIBITED_USES } from '../../src/terms/prohibited-uses.js';
import {
  PURPOSES,
  PURPOSE_CODES,
  covers,
  isHighTierPurpose,
  isPurposeCode,
  overlaps,
} from '../../src/terms/purposes.js';
import { approvalTier } from '../../src/terms/tier.js';
import { edited } from './edited.js';
import { exampleTerms } from './example-terms.js';

/** The lists as the design writes them. */
const DESIGN = {
  capability: 'cbrn cyber_offense ai_rnd autonomy manipulation',
  propensity:
    'scheming sandbagging sabotage self_preservation misuse_cooperation sycophancy reward_hacking whistleblowing',
  robustness: 'jailbreak prompt_injection agent_hijacking instruction_hierarchy prompt_extraction',
  reliability: 'hallucination over_refusal calibration',
  harm: 'child_safety self_harm defamation bias privacy',
  control: 'oversight interpretability',
  assurance: 'replication methodology_review',
  benchmark: 'safety capability',
};
const PROHIBITED =
  'model_training distillation synthetic_data_generation competing_product_development internal_productivity_use ' +
  'competitive_benchmarking reverse_engineering resale_or_sublicense third_party_access key_sharing ' +
  'access_circumvention customer_facing_use personal_data_processing publication_without_review service_disruption';

describe('the code lists', () => {
  it('hold every purpose of the design, every parent, the kinds of CBRN, and nothing else', () => {
    const expected = Object.entries(DESIGN).flatMap(([parent, children]) => [
      parent,
      ...children.split(' ').map((child) => `${parent}.${child}`),
    ]);
    const cbrn = ['biological', 'chemical', 'radiological_nuclear'].map((kind) => `capability.cbrn.${kind}`);
    expect([...PURPOSE_CODES].toSorted()).toEqual([...expected, ...cbrn].toSorted());
  });

  it('hold every prohibited use of the design in its order, and share no code with the purposes', () => {
    expect(PROHIBITED_USE_CODES).toEqual(PROHIBITED.split(' '));
    expect(PROHIBITED_USE_CODES.some(isPurposeCode)).toBe(false);
  });

  it('say of every code what it means and who says so', () => {
    for (const entry of [...PURPOSES, ...PROHIBITED_USES]) {
      expect(entry.label.length, entry.code).toBeGreaterThan(2);
      expect(entry.definition, entry.code).toMatch(/^[A-Z].*\.$/);
      expect(entry.sources.length, entry.code).toBeGreaterThan(0);
    }
  });

  it('let a parent cover its children and nothing whose name merely begins alike', () => {
    const codes = fc.constantFrom(...PURPOSE_CODES);
    fc.assert(
      fc.property(codes, codes, (one, other) => {
        expect(covers(one, other)).toBe(`${other}.`.startsWith(`${one}.`));
        expect(overlaps(one, other)).toBe(overlaps(other, one));
      }),
    );
    expect(covers('capability', 'capability.cbrn.chemical')).toBe(true);
    expect(covers('capability.cbrn', 'capability.cbrn_other')).toBe(false);
    expect(covers('capability.cbrn.chemical', 'capability.cbrn')).toBe(false);
  });

  it('put CBRN, cyber offence and whatever could contain them in the high tier, and models without safeguards', () => {
    expect(PURPOSE_CODES.filter(isHighTierPurpose)).toEqual([
      'capability',
      'capability.cbrn',
      'capability.cbrn.biological',
      'capability.cbrn.chemical',
      'capability.cbrn.radiological_nuclear',
      'capability.cyber_offense',
    ]);
    expect(approvalTier(exampleTerms)).toBe('standard');
    expect(approvalTier(edited(exampleTerms, '/purposes/permitted/1/code', 'capability.cbrn'))).toBe('high');
    for (const profile of ['helpful_only', 'none']) {
      expect(approvalTier(edited(exampleTerms, '/scope/safeguardProfile', profile))).toBe('high');
    }
  });
});

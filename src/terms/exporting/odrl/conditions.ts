import { CONDITIONS, type ConditionCode } from '../../conditions.js';
import { PURPOSE_CODES, covers } from '../../purposes.js';
import type { Condition, PermittedPurpose, Terms } from '../../terms.js';
import {
  constraint,
  dateTime,
  iri,
  listOf,
  originOf,
  type Comparison,
  type NamedNode,
  type Node,
  type Origin,
} from './nodes.js';
import { APPROVED_CAMPAIGN, actionOf, operandOf, purposeOf } from './profile.js';
import type { References } from './references.js';

/** What a condition becomes: a constraint on the permission it belongs to, or a rule of its own beside it. */
interface Effect {
  readonly as: 'constraint' | 'prohibition' | 'obligation';
  /** The comparison that constrains the permission, or the rule. */
  readonly compare?: (value: string, references: References) => Comparison;
  readonly rule?: (value: string, references: References) => Node & { readonly constraint?: readonly Node[] };
}

/**
 * ODRL has words for the instant, the recipient, `distribute` and `inform`; the campaign, the region as free text, the
 * ethics approval and the guiding of a product are words of the profile.
 */
const EFFECTS: Readonly<Record<ConditionCode, Effect>> = {
  time_limited: { as: 'constraint', compare: (value) => ['dateTime', 'lt', dateTime(value)] },
  named_researchers_only: { as: 'constraint', compare: (_, { roster }) => ['recipient', 'isPartOf', iri(roster)] },
  institution_only: { as: 'constraint', compare: (_, { evaluator }) => ['recipient', 'isPartOf', iri(evaluator)] },
  project_only: { as: 'constraint', compare: () => [operandOf('campaign'), 'isA', iri(APPROVED_CAMPAIGN)] },
  region_only: { as: 'constraint', compare: (value) => [operandOf('region'), 'eq', value] },
  ethics_approval_ref: { as: 'constraint', compare: (value) => [operandOf('ethics_approval'), 'eq', value] },
  publication_moratorium_until: {
    as: 'prohibition',
    rule: (value, { results }) => ({
      action: 'distribute',
      target: results,
      constraint: [constraint(['dateTime', 'lt', dateTime(value)], {})],
    }),
  },
  no_publication_of_prompts: {
    as: 'prohibition',
    rule: (_, { prompts }) => ({ action: 'distribute', target: prompts }),
  },
  no_product_use: {
    as: 'prohibition',
    rule: (_, { results }) => ({ action: actionOf('guide_product'), target: results }),
  },
  results_shared_with_provider: {
    as: 'obligation',
    rule: (_, { results, provider, evaluator }) => ({
      action: 'inform',
      target: results,
      informedParty: provider,
      informingParty: evaluator,
    }),
  },
};

/** The constraints that the conditions of a permitted purpose put on the permission itself. */
export function conditionConstraints(permitted: PermittedPurpose, terms: Terms, references: References): Node[] {
  return permitted.conditions.flatMap((condition) => {
    const comparison = EFFECTS[condition.code].compare?.(condition.value ?? '', references);
    return comparison === undefined ? [] : [constraint(comparison, originOfCondition(condition, terms))];
  });
}

/** The rules that conditions put beside the permissions, each for what was obtained for that purpose. */
export function conditionRules(as: 'prohibition' | 'obligation', terms: Terms, references: References): NamedNode[] {
  return terms.purposes.permitted.flatMap((permitted) =>
    permitted.conditions.flatMap((condition, index) => {
      const effect = EFFECTS[condition.code];
      if (effect.as !== as || effect.rule === undefined) return [];
      const rule = effect.rule(condition.value ?? '', references);
      return [
        {
          '@type': as === 'prohibition' ? 'Prohibition' : 'Duty',
          uid: references.within(`condition/${permitted.code}/${index}`),
          ...originOfCondition(condition, terms),
          ...rule,
          constraint: [...(rule.constraint ?? []), obtainedFor(permitted)],
        },
      ];
    }),
  );
}

function obtainedFor({ code }: PermittedPurpose): Node {
  return constraint([operandOf('obtained_for'), 'isAnyOf', listOf(coveredBy(code))], {});
}

/** The purposes that this one covers, itself included, as values of an operand. */
export function coveredBy(code: string): Node[] {
  return PURPOSE_CODES.filter((other) => covers(code, other)).map((other) => iri(purposeOf(other)));
}

/** A condition is agreed in the clause on purposes, and held in its own way. */
function originOfCondition({ code }: Condition, { purposes }: Terms): Node {
  const heldBy: Origin['heldBy'] = CONDITIONS.find((known) => known.code === code)?.heldBy ?? purposes.heldBy;
  return { ...originOf({ clauseRef: purposes.clauseRef, heldBy }), 'parley:condition': code };
}

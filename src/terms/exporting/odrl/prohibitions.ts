import { isPurposeCode } from '../../purposes.js';
import type { Prohibition, Terms } from '../../terms.js';
import { conditionRules, coveredBy } from './conditions.js';
import { constraint, duration, listOf, originOf, type NamedNode, type Node, type Origin } from './nodes.js';
import { actionOf, operandOf } from './profile.js';
import { PROHIBITED_ACTIONS } from './prohibited-actions.js';
import type { References } from './references.js';

/**
 * Prohibitions on the evaluator: prohibited uses and purposes, training on what is received, personal data and
 * capability benchmarks where the terms forbid them, and the conditions of a purpose that forbid something.
 *
 * What happens at once when a use is seen (`parley:response`) is done by the provider and no remedy of the evaluator,
 * so ODRL has no word for it. What it must do about a curable breach is a `remedy`.
 */
export function prohibitions(terms: Terms, references: References): NamedNode[] {
  const { data, evaluationSets } = terms;
  const prohibition = (name: string, origin: Origin, rule: Node): NamedNode => ({
    '@type': 'Prohibition',
    uid: references.within(`prohibition/${name}`),
    ...originOf(origin),
    ...rule,
  });
  const personalData = { action: actionOf('personal_data_processing'), target: references.models };
  return [
    ...terms.prohibitedUses.map((use) => prohibition(use.code, use, prohibitedUse(use, terms, references))),
    prohibition('training', data, { action: actionOf('train_on_content'), target: references.outputs }),
    ...(data.personalData === 'prohibited' ? [prohibition('personal-data', data, personalData)] : []),
    ...capabilityBenchmarks(terms, references).map((rule) =>
      prohibition('capability-benchmarks', evaluationSets, rule),
    ),
    ...conditionRules('prohibition', terms, references),
  ];
}

function prohibitedUse(use: Prohibition, terms: Terms, references: References): Node {
  const { code, curable, response } = use;
  return {
    ...(isPurposeCode(code)
      ? {
          action: 'use',
          target: references.models,
          constraint: [constraint(['purpose', 'isAnyOf', listOf(coveredBy(code))], {})],
        }
      : { action: actionOf(code), target: references[PROHIBITED_ACTIONS[code].target] }),
    ...(curable ? { remedy: [remedy(terms)] } : {}),
    'parley:curable': curable,
    'parley:response': response,
  };
}

/** A curable breach is cured within the period, counted from notice. */
function remedy({ cure }: Terms): Node {
  return {
    '@type': 'Duty',
    ...originOf(cure),
    action: actionOf('cure'),
    constraint: [constraint(['elapsedTime', 'lteq', duration(`P${cure.periodDays}D`)], {})],
  };
}

function capabilityBenchmarks({ evaluationSets }: Terms, { models }: References): Node[] {
  const { capabilityBenchmarks: rule, permitted } = evaluationSets;
  if (rule === 'allowed') return [];
  const forbidden = { action: actionOf('run_capability_benchmark'), target: models };
  if (rule === 'forbidden') return [forbidden];
  return [{ ...forbidden, constraint: [constraint([operandOf('evaluation_set'), 'isNoneOf', listOf(permitted)], {})] }];
}

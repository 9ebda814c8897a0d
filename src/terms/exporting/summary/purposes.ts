import { CONDITIONS, FRAMEWORKS, type ConditionCode, type FrameworkCode } from '../../conditions.js';
import { compiled } from '../../deciding/compiled-terms.js';
import { PURPOSES, covers } from '../../purposes.js';
import type { PermittedPurpose, Purposes, Terms } from '../../terms.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { definitionOf, listed, moment, purposeLabel, quoted } from './words.js';

const FORMS: Readonly<Record<Purposes['assessmentForm'], string>> = {
  independent_evaluation: 'an independent evaluation',
  methodology_review: 'a review of methodology',
  sme_probing: 'a probing by subject-matter experts',
  joint_exercise: 'a joint exercise',
  red_teaming: 'red teaming',
};

const CONDITION_TEXTS: Readonly<Record<ConditionCode, (value: string) => string>> = {
  time_limited: (value) => `permitted only before ${moment(value)}`,
  named_researchers_only: () => 'only people on the roster',
  institution_only: () => 'only staff of the evaluator',
  project_only: () => 'only within an approved campaign',
  region_only: (value) => `only from ${value}`,
  publication_moratorium_until: (value) => `nothing is published before ${moment(value)}`,
  results_shared_with_provider: () => 'results go to the provider',
  ethics_approval_ref: (value) => `under the ethics approval ${value}`,
  no_publication_of_prompts: () => 'prompts are never published',
  no_product_use: () => 'results never guide a product',
};

/** What the models may be used for, and on which conditions. Each condition is held in its own way. */
export function purposeSentences(terms: Terms): Sentence[] {
  const { purposes } = terms;
  const { permitted, assessmentForm, frameworks } = purposes;
  return [
    ...sentencesOf(purposes, [`The work is ${FORMS[assessmentForm]}.`]),
    ...(permitted.length === 0 ? sentencesOf(purposes, ['No purpose is permitted.']) : []),
    ...permitted.flatMap((purpose) => [
      ...sentencesOf(purposes, [permissionText(purpose, terms)]),
      ...conditionSentences(purpose, purposes),
    ]),
    ...sentencesOf(purposes, [frameworks.length === 0 ? null : frameworksText(frameworks)]),
  ];
}

/** What is permitted, without what a prohibition takes away or what must be granted by its own name. */
function permissionText({ code }: PermittedPurpose, terms: Terms): string {
  const left = PURPOSES.filter((other) => covers(code, other.code) && compiled(terms).purposes.has(other.code));
  return `Permitted: ${purposeLabel(code)}. ${definitionOf(code)}${coverageText(code, left)}`;
}

function coverageText(code: string, left: readonly { readonly code: string; readonly label: string }[]): string {
  if (left.length === 0) return ' But what is forbidden leaves nothing of it.';
  const inside = left.filter((other) => other.code !== code).map(({ label }) => quoted(label));
  const named =
    inside.length === left.length ? ' A request must name one of them, since not all of it is permitted.' : '';
  return inside.length === 0 ? '' : ` This covers ${listed(inside)}.${named}`;
}

function conditionSentences({ code: purpose, conditions }: PermittedPurpose, purposes: Purposes): Sentence[] {
  return conditions.flatMap(({ code, value }) => {
    const heldBy = CONDITIONS.find((condition) => condition.code === code)?.heldBy ?? purposes.heldBy;
    const text = `For ${purposeLabel(purpose)}: ${CONDITION_TEXTS[code](value ?? '')}.`;
    return sentencesOf({ clauseRef: purposes.clauseRef, heldBy }, [text]);
  });
}

function frameworksText(codes: readonly FrameworkCode[]): string {
  const labels = codes.map((code) => FRAMEWORKS.find((framework) => framework.code === code)?.label ?? code);
  return `The agreement serves these public commitments: ${labels.join('; ')}.`;
}

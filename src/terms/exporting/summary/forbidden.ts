import { isPurposeCode } from '../../purposes.js';
import type { EvaluationSets, Prohibition, Terms } from '../../terms.js';
import { sentencesOf, type Sentence } from './sentence.js';
import { definitionOf, listed, purposeLabel, useLabel } from './words.js';

const RESPONSES: Readonly<Record<Prohibition['response'], string>> = {
  finding: 'When it is seen, a finding is made at once.',
  throttle: 'When it is seen, use is slowed down at once.',
  suspend_key: 'When it is seen, the key is suspended at once.',
};

/** What is forbidden, whether it can be put right, and what happens at once when it is seen. */
export function forbiddenSentences({ prohibitedUses }: Terms): Sentence[] {
  return prohibitedUses.flatMap((prohibition) => sentencesOf(prohibition, [prohibitionText(prohibition)]));
}

function prohibitionText({ code, curable, response }: Prohibition): string {
  const what = isPurposeCode(code) ? `Forbidden purpose: ${purposeLabel(code)}.` : `Forbidden: ${useLabel(code)}.`;
  return `${what} ${definitionOf(code)} It ${curable ? 'can' : 'cannot'} be put right. ${RESPONSES[response]}`;
}

/** Which registered evaluation sets may be run, and what holds for comparing capability. */
export function evaluationSetSentences({ evaluationSets }: Terms): Sentence[] {
  return sentencesOf(evaluationSets, [setsText(evaluationSets), BENCHMARKS[evaluationSets.capabilityBenchmarks]]);
}

const BENCHMARKS: Readonly<Record<EvaluationSets['capabilityBenchmarks'], string>> = {
  forbidden: 'Capability benchmarks are forbidden.',
  registered_only: 'Capability benchmarks are run only from those sets.',
  allowed: 'Capability benchmarks are allowed.',
};

function setsText({ permitted }: EvaluationSets): string {
  if (permitted.length === 0) return 'No registered evaluation set is named.';
  const sets = permitted.length === 1 ? 'This registered evaluation set' : 'These registered evaluation sets';
  return `${sets} may be run: ${listed(permitted)}.`;
}

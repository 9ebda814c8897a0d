import { SOURCES } from './sources.js';

/** How safeguards hold, how a model serves people, and the checking of results. */
export const SAFEGUARD_PURPOSES = [
  {
    code: 'robustness',
    label: 'Robustness',
    definition: 'Whether safeguards hold against those who try to get past them.',
    sources: [SOURCES.aisi, SOURCES.jointExercise],
  },
  {
    code: 'robustness.jailbreak',
    label: 'Jailbreaks',
    definition: 'Getting past safeguards, including by universal jailbreaks.',
    sources: [SOURCES.jointExercise, SOURCES.aisi],
  },
  {
    code: 'robustness.prompt_injection',
    label: 'Prompt injection',
    definition: 'Instructions hidden in content the model reads.',
    sources: [SOURCES.caisi],
  },
  {
    code: 'robustness.agent_hijacking',
    label: 'Agent hijacking',
    definition: 'Turning an agent with tools against its user.',
    sources: [SOURCES.caisi],
  },
  {
    code: 'robustness.instruction_hierarchy',
    label: 'Instruction hierarchy',
    definition: 'Whether system instructions prevail over a user’s.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'robustness.prompt_extraction',
    label: 'Prompt extraction',
    definition: 'Whether secrets in the system prompt are kept.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'reliability',
    label: 'Reliability',
    definition: 'Whether answers can be relied upon.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'reliability.hallucination',
    label: 'Hallucination',
    definition: 'Stating falsehoods, or refusing where it does not know.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'reliability.over_refusal',
    label: 'Over-refusal',
    definition: 'Refusing what is harmless.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'reliability.calibration',
    label: 'Calibration',
    definition: 'Whether confidence matches correctness.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'harm',
    label: 'Harms to people',
    definition: 'Policy areas where an answer itself can hurt someone.',
    sources: [SOURCES.ailuminate, SOURCES.press],
  },
  {
    code: 'harm.child_safety',
    label: 'Child safety',
    definition: 'Sexual exploitation of children and other harm to them.',
    sources: [SOURCES.ailuminate, SOURCES.press],
  },
  {
    code: 'harm.self_harm',
    label: 'Self-harm',
    definition: 'Suicide, self-injury and eating disorders.',
    sources: [SOURCES.ailuminate, SOURCES.press],
  },
  {
    code: 'harm.defamation',
    label: 'Defamation',
    definition: 'False statements that damage a person’s name.',
    sources: [SOURCES.ailuminate, SOURCES.press],
  },
  {
    code: 'harm.bias',
    label: 'Bias',
    definition: 'Unequal treatment of groups of people, and hate.',
    sources: [SOURCES.ailuminate],
  },
  {
    code: 'harm.privacy',
    label: 'Privacy',
    definition: 'Disclosure of personal information.',
    sources: [SOURCES.ailuminate],
  },
  {
    code: 'assurance',
    label: 'Assurance',
    definition: 'Checking the provider’s own evaluations.',
    sources: [SOURCES.fmf, SOURCES.openaiTesting],
  },
  {
    code: 'assurance.replication',
    label: 'Replication',
    definition: 'Repeating an evaluation to confirm its result.',
    sources: [SOURCES.fmf],
  },
  {
    code: 'assurance.methodology_review',
    label: 'Methodology review',
    definition: 'Reviewing how an evaluation was done.',
    sources: [SOURCES.openaiTesting],
  },
  {
    code: 'benchmark',
    label: 'Benchmarks',
    definition: 'Published test sets run for comparison.',
    sources: [SOURCES.exception],
  },
  {
    code: 'benchmark.safety',
    label: 'Safety benchmarks',
    definition: 'Published safety benchmarks.',
    sources: [SOURCES.exception, SOURCES.press],
  },
  {
    code: 'benchmark.capability',
    label: 'Capability benchmarks',
    definition: 'Comparing capability. Off unless a clause grants it by this very name.',
    sources: [SOURCES.exception, SOURCES.press],
  },
] as const;

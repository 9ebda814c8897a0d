import { SOURCES } from './sources.js';

/** What a model can do, what it tends to do, and how it is kept in hand. */
export const BEHAVIOUR_PURPOSES = [
  {
    code: 'capability',
    label: 'Dangerous capabilities',
    definition: 'What a model could do at worst, in any field below.',
    sources: [SOURCES.fmf, SOURCES.euCode],
  },
  {
    code: 'capability.cbrn',
    label: 'CBRN',
    definition: 'Uplift towards chemical, biological, radiological or nuclear weapons.',
    sources: [SOURCES.euCode, SOURCES.fmf, SOURCES.caisi, SOURCES.preparedness, SOURCES.rsp],
  },
  {
    code: 'capability.cbrn.biological',
    label: 'Biological',
    definition: 'Uplift towards biological weapons.',
    sources: [SOURCES.preparedness, SOURCES.rsp],
  },
  {
    code: 'capability.cbrn.chemical',
    label: 'Chemical',
    definition: 'Uplift towards chemical weapons.',
    sources: [SOURCES.preparedness, SOURCES.rsp],
  },
  {
    code: 'capability.cbrn.radiological_nuclear',
    label: 'Radiological and nuclear',
    definition: 'Uplift towards radiological or nuclear weapons.',
    sources: [SOURCES.euCode, SOURCES.rsp],
  },
  {
    code: 'capability.cyber_offense',
    label: 'Cyber offence',
    definition: 'Finding and using vulnerabilities, intrusion, cyber ranges.',
    sources: [SOURCES.euCode, SOURCES.fmf, SOURCES.caisi, SOURCES.preparedness],
  },
  {
    code: 'capability.ai_rnd',
    label: 'AI research and development',
    definition: 'Doing AI research unaided, and self-improvement.',
    sources: [SOURCES.preparedness, SOURCES.rsp, SOURCES.metr],
  },
  {
    code: 'capability.autonomy',
    label: 'Autonomy',
    definition: 'Long tasks without help, and autonomous replication.',
    sources: [SOURCES.metr, SOURCES.fmf],
  },
  {
    code: 'capability.manipulation',
    label: 'Harmful manipulation',
    definition: 'Persuading or deceiving people to their harm.',
    sources: [SOURCES.euCode, SOURCES.deepmind],
  },
  {
    code: 'propensity',
    label: 'Propensities',
    definition: 'What a model tends to do when it could do otherwise.',
    sources: [SOURCES.jointExercise, SOURCES.apollo],
  },
  {
    code: 'propensity.scheming',
    label: 'Scheming',
    definition: 'Pursuing hidden aims, and deceiving those who oversee it.',
    sources: [SOURCES.apollo, SOURCES.jointExercise],
  },
  {
    code: 'propensity.sandbagging',
    label: 'Sandbagging',
    definition: 'Doing worse on purpose when evaluated.',
    sources: [SOURCES.euCode, SOURCES.apollo],
  },
  {
    code: 'propensity.sabotage',
    label: 'Sabotage',
    definition: 'Undermining evaluations, research or oversight.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'propensity.self_preservation',
    label: 'Self-preservation',
    definition: 'Acting to avoid being changed or shut down.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'propensity.misuse_cooperation',
    label: 'Cooperation with misuse',
    definition: 'Helping with requests that are plainly harmful.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'propensity.sycophancy',
    label: 'Sycophancy',
    definition: 'Agreeing against the evidence, including with delusions.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'propensity.reward_hacking',
    label: 'Reward hacking',
    definition: 'Gaming the test instead of doing the task.',
    sources: [SOURCES.metr, SOURCES.euCode],
  },
  {
    code: 'propensity.whistleblowing',
    label: 'Whistleblowing',
    definition: 'Reporting to outsiders on its own initiative.',
    sources: [SOURCES.jointExercise],
  },
  {
    code: 'control',
    label: 'Control',
    definition: 'Whether a model can be overseen and understood.',
    sources: [SOURCES.aisi],
  },
  {
    code: 'control.oversight',
    label: 'Oversight',
    definition: 'Monitoring and control protocols tried against a model.',
    sources: [SOURCES.aisi],
  },
  {
    code: 'control.interpretability',
    label: 'Interpretability',
    definition: 'Looking inside a model to explain what it does.',
    sources: [SOURCES.aisi, SOURCES.euCode],
  },
] as const;

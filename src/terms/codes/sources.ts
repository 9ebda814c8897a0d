/** The public texts that name the purposes and commitments in the code lists. Cited, never paraphrased as ours. */
export const SOURCES = {
  jointExercise: 'OpenAI and Anthropic, joint alignment evaluation exercise, published 27 August 2025',
  euCode: 'EU General-Purpose AI Code of Practice, Safety and Security chapter, July 2025',
  fmf: 'Frontier Model Forum, frontier capability and third-party assessments',
  caisi: 'US Center for AI Standards and Innovation (CAISI), agreements and evaluations',
  aisi: 'UK AI Security Institute (AISI), evaluations and ControlArena',
  metr: 'METR, autonomy evaluations and RE-Bench',
  apollo: 'Apollo Research, in-context scheming evaluations',
  preparedness: 'OpenAI Preparedness Framework',
  rsp: 'Anthropic Responsible Scaling Policy',
  deepmind: 'Google DeepMind Frontier Safety Framework',
  ailuminate: 'MLCommons AILuminate hazard taxonomy',
  press: 'WIRED, account of the revoked API access, 1 August 2025',
  openaiTesting: 'OpenAI, external testing of its models, 19 November 2025',
  exception: 'Anthropic Commercial Terms D.4 ("except as expressly approved"), effective 17 June 2025',
} as const;

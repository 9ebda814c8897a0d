/**
 * Conditions that may be attached to any permitted purpose. The idea, and most of them, come from the modifiers of the
 * GA4GH Data Use Ontology (DUO). `value` says what must be written beside the code, if anything.
 */
export const CONDITIONS = [
  { code: 'time_limited', value: 'instant', heldBy: 'enforced', definition: 'Permitted only before this instant.' },
  { code: 'named_researchers_only', value: 'none', heldBy: 'enforced', definition: 'Only people on the roster.' },
  { code: 'institution_only', value: 'none', heldBy: 'attested', definition: 'Only staff of the evaluator.' },
  { code: 'project_only', value: 'none', heldBy: 'enforced', definition: 'Only within an approved campaign.' },
  { code: 'region_only', value: 'text', heldBy: 'attested', definition: 'Only from these countries (ISO 3166-1).' },
  {
    code: 'publication_moratorium_until',
    value: 'instant',
    heldBy: 'attested',
    definition: 'Nothing published before.',
  },
  {
    code: 'results_shared_with_provider',
    value: 'none',
    heldBy: 'attested',
    definition: 'Results go to the provider.',
  },
  { code: 'ethics_approval_ref', value: 'text', heldBy: 'attested', definition: 'Under this ethics approval.' },
  { code: 'no_publication_of_prompts', value: 'none', heldBy: 'attested', definition: 'Prompts are never published.' },
  { code: 'no_product_use', value: 'none', heldBy: 'attested', definition: 'Results never guide a product.' },
] as const;

/** One code of {@link CONDITIONS}. */
export type ConditionCode = (typeof CONDITIONS)[number]['code'];

/** Public commitments an agreement may say it serves. */
export const FRAMEWORKS = [
  { code: 'bletchley_declaration', label: 'Bletchley Declaration, AI Safety Summit, November 2023' },
  { code: 'seoul_commitments', label: 'Frontier AI Safety Commitments, AI Seoul Summit, May 2024' },
  { code: 'white_house_commitments', label: 'Voluntary commitments of leading AI companies, White House, July 2023' },
  { code: 'hiroshima_code', label: 'Hiroshima Process International Code of Conduct, October 2023' },
  { code: 'frontier_model_forum', label: 'Frontier Model Forum, commitments of its members' },
  { code: 'eu_gpai_code', label: 'EU General-Purpose AI Code of Practice, July 2025' },
] as const;

/** One code of {@link FRAMEWORKS}. */
export type FrameworkCode = (typeof FRAMEWORKS)[number]['code'];

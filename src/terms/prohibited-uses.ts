/** The version of the list below. It changes with any change to a code or its meaning. */
export const PROHIBITED_USES_VERSION = '1';

const TERMS_D4 = 'Anthropic Commercial Terms D.4';
const USAGE_POLICY = 'Anthropic Usage Policy (model scraping and distillation)';
const COMMON_PAPER = 'Common Paper Cloud Service Agreement 2.1';
const BONTERMS = 'Bonterms Cloud Terms';
const PRESS = 'WIRED, account of the revoked API access, 1 August 2025';

/** What an agreement may forbid outright, in the order shown. `curableByNature` says whether it can be put right at all. */
export const PROHIBITED_USES = [
  use('model_training', 'Model training', 'Training or fine-tuning any model on what was received.', [TERMS_D4], false),
  use('distillation', 'Distillation', 'Imitating the model from its answers.', [USAGE_POLICY], false),
  use('synthetic_data_generation', 'Synthetic data', 'Producing data sets for other uses.', [USAGE_POLICY], false),
  use('competing_product_development', 'Competing products', 'Building a competing product or service.', [TERMS_D4]),
  use('internal_productivity_use', 'Internal productivity', 'Everyday work, such as help with coding.', [PRESS]),
  use('competitive_benchmarking', 'Competitive benchmarking', 'Comparing with own models outside a grant.', [PRESS]),
  use('reverse_engineering', 'Reverse engineering', 'Recovering weights or architecture.', [TERMS_D4], false),
  use('resale_or_sublicense', 'Resale', 'Selling or sub-licensing access.', [TERMS_D4, COMMON_PAPER], false),
  use('third_party_access', 'Third-party access', 'Letting anyone outside the roster in.', [COMMON_PAPER], false),
  use('key_sharing', 'Key sharing', 'Several people using one key.', [BONTERMS]),
  use(
    'access_circumvention',
    'Circumvention',
    'Extra accounts or proxies to get round a limit.',
    [COMMON_PAPER],
    false,
  ),
  use('customer_facing_use', 'Customer-facing use', 'Serving anyone’s customers.', [COMMON_PAPER]),
  use('personal_data_processing', 'Personal data', 'Sending data about real people.', [COMMON_PAPER]),
  use('publication_without_review', 'Unreviewed publication', 'Publishing before the agreed review.', [
    'OpenAI, external testing of its models, 19 November 2025',
  ]),
  use('service_disruption', 'Disruption', 'Harming the service or its other users.', [BONTERMS]),
] as const;

/** One code of {@link PROHIBITED_USES}, such as `distillation`. */
export type ProhibitedUseCode = (typeof PROHIBITED_USES)[number]['code'];

/** Every prohibited use, in the order of the list. */
export const PROHIBITED_USE_CODES: readonly ProhibitedUseCode[] = PROHIBITED_USES.map(({ code }) => code);

interface ProhibitedUseEntry<Code extends string> {
  readonly code: Code;
  readonly label: string;
  readonly definition: string;
  readonly sources: readonly string[];
  readonly curableByNature: boolean;
}

// oxlint-disable-next-line max-params -- one row of a table, read as a row
function use<Code extends string>(
  code: Code,
  label: string,
  definition: string,
  sources: readonly string[],
  curableByNature = true,
): ProhibitedUseEntry<Code> {
  return { code, label, definition, sources, curableByNature };
}

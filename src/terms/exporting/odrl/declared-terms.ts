import { PROHIBITED_USES } from '../../prohibited-uses.js';
import { PURPOSES } from '../../purposes.js';
import type { Terms } from '../../terms.js';
import type { NamedNode } from './nodes.js';
import {
  ANY_NETWORK,
  APPROVED_CAMPAIGN,
  PROFILE_PREFIX,
  actionOf,
  currencyOf,
  eventOf,
  operandOf,
  purposeOf,
  unitOf,
} from './profile.js';
import { PROHIBITED_ACTIONS } from './prohibited-actions.js';

/** Actions beside the prohibited uses. The information model asks every action to lie within one of ODRL. */
const ACTIONS: readonly (readonly [code: string, includedIn: string, definition: string])[] = [
  ['train_on_content', 'derive', 'To train a model on what passes between the parties.'],
  ['guide_product', 'use', 'To let results guide a product.'],
  ['run_capability_benchmark', 'use', 'To run an evaluation set that compares capability.'],
  ['cure', 'use', 'To put a breach right, within the period counted from notice of it.'],
  ['keep_clean_team', 'use', 'To keep the researchers apart from their lab’s own model training and products.'],
  ['agree_data_processing', 'use', 'To agree on the processing of personal data before sending any.'],
  ['keep_compensating_control', 'use', 'To do what is written instead of keeping prompts.'],
];

const OPERANDS: readonly (readonly [code: string, definition: string])[] = [
  ['capability', 'The capabilities of the model that a request asks for.'],
  ['endpoint', 'The endpoint of the provider that a request is sent to.'],
  ['safeguard_profile', 'The safeguards around the model.'],
  ['campaign', 'The campaign that the action belongs to.'],
  ['region', 'The countries, ISO 3166-1, from which the action is exercised.'],
  ['ethics_approval', 'The ethics approval under which the action is exercised.'],
  ['obtained_for', 'The purpose for which the asset was obtained.'],
  ['evaluation_set', 'The registered evaluation set that is run.'],
  ['cooling_off', 'The time since the person last worked on their lab’s own model training or products.'],
  ['review_business_days', 'Days from Monday to Friday that the provider has to review a publication.'],
  ['extension_business_days', 'Days from Monday to Friday by which the review may be extended.'],
  ['ground', 'The ground on which the provider asks for a change before publication.'],
];

const RIGHT_OPERANDS: readonly (readonly [uid: string, definition: string])[] = [
  [ANY_NETWORK, 'Every network.'],
  [APPROVED_CAMPAIGN, 'A campaign that the provider approved.'],
  [unitOf('requests'), 'Requests.'],
  [unitOf('input_tokens'), 'Tokens that the model reads.'],
  [unitOf('output_tokens'), 'Tokens that the model writes.'],
  [unitOf('total_tokens'), 'Tokens that the model reads and writes.'],
  [unitOf('spend'), 'Money spent.'],
  [unitOf('concurrent_requests'), 'Requests at the same time.'],
  [eventOf('month_end'), 'The end of each month.'],
  [eventOf('quarter_end'), 'The end of each quarter.'],
  [eventOf('campaign_end'), 'The end of a campaign.'],
  [eventOf('discovery'), 'The discovery of what is reported.'],
  [eventOf('term_end'), 'The end of the term.'],
  [eventOf('publication'), 'The publication of results.'],
];

const DECLARED: readonly NamedNode[] = [
  ...PROHIBITED_USES.map(({ code, label, definition }) => ({
    ...described('Action', actionOf(code), definition),
    'skos:prefLabel': label,
    includedIn: `odrl:${PROHIBITED_ACTIONS[code].includedIn}`,
  })),
  ...ACTIONS.map(([code, includedIn, definition]) => ({
    ...described('Action', actionOf(code), definition),
    includedIn: `odrl:${includedIn}`,
  })),
  ...OPERANDS.map(([code, definition]) => described('LeftOperand', operandOf(code), definition)),
  ...PURPOSES.map(({ code, label, definition }) => ({
    ...described('RightOperand', purposeOf(code), definition),
    'skos:prefLabel': label,
  })),
  ...RIGHT_OPERANDS.map(([uid, definition]) => described('RightOperand', uid, definition)),
];

/** The terms of the profile that these nodes use, each declared as what it is, in a fixed order. */
export function declaredTerms(nodes: readonly unknown[], { quotas }: Terms): NamedNode[] {
  const used = new Set(nodes.flatMap(termsWithin));
  const codes = [...new Set(quotas.flatMap(({ currency }) => currency ?? []))].toSorted();
  const currencies = codes.map((code) =>
    described('RightOperand', currencyOf(code), `The currency ${code}, ISO 4217.`),
  );
  return [...DECLARED, ...currencies].filter(({ uid }) => used.has(uid));
}

function described(type: 'Action' | 'LeftOperand' | 'RightOperand', uid: string, definition: string): NamedNode {
  return { '@type': type, uid, 'skos:definition': definition };
}

/** Every term of the profile that stands as a value in a node; names of members are no values. */
function termsWithin(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith(PROFILE_PREFIX) ? [value] : [];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(termsWithin) : [];
}

/** The identifier of the ODRL profile that declares what ODRL has no word for. Another meaning gets another number. */
export const PROFILE = 'urn:parley:odrl:1';

/** The official context, and the two prefixes that it lacks. */
export const CONTEXT = [
  'http://www.w3.org/ns/odrl.jsonld',
  { parley: `${PROFILE}:`, vcard: 'http://www.w3.org/2006/vcard/ns#' },
] as const;

/** Where the terms of the profile begin, as they are written under {@link CONTEXT}. */
export const PROFILE_PREFIX = 'parley:';

/** An action of the profile, such as `parley:action:distillation`. */
export function actionOf(code: string): string {
  return `${PROFILE_PREFIX}action:${code}`;
}

/** A left operand of the profile, such as `parley:operand:endpoint`. */
export function operandOf(code: string): string {
  return `${PROFILE_PREFIX}operand:${code}`;
}

/** A purpose by its code, such as `parley:purpose:propensity.scheming`. */
export function purposeOf(code: string): string {
  return `${PROFILE_PREFIX}purpose:${code}`;
}

/** Something that happens, to which a duty is tied, such as `parley:event:discovery`. */
export function eventOf(code: string): string {
  return `${PROFILE_PREFIX}event:${code}`;
}

/** What a quota counts, such as `parley:unit:output_tokens`. */
export function unitOf(metric: string): string {
  return `${PROFILE_PREFIX}unit:${metric}`;
}

/** A currency by its ISO 4217 code. */
export function currencyOf(code: string): string {
  return `${PROFILE_PREFIX}currency:${code}`;
}

/** Every network: said outright, never by leaving a constraint out. */
export const ANY_NETWORK = `${PROFILE_PREFIX}network:any`;

/** A campaign that the provider approved. */
export const APPROVED_CAMPAIGN = `${PROFILE_PREFIX}campaign:approved`;

import { BEHAVIOUR_PURPOSES } from './codes/behaviour-purposes.js';
import { SAFEGUARD_PURPOSES } from './codes/safeguard-purposes.js';

/** The version of the list below. It changes with any change to a code or its meaning. */
export const PURPOSES_VERSION = '1';

/**
 * The purposes an agreement may permit, in the order they are shown. Codes are dotted; a parent covers its children.
 * `sources` are the public texts that name the purpose.
 */
export const PURPOSES = [...BEHAVIOUR_PURPOSES, ...SAFEGUARD_PURPOSES] as const;

/** One code of {@link PURPOSES}, such as `propensity.sycophancy`. */
export type PurposeCode = (typeof PURPOSES)[number]['code'];

/** Every purpose code, in the order of the list. */
export const PURPOSE_CODES: readonly PurposeCode[] = PURPOSES.map(({ code }) => code);

const KNOWN: ReadonlySet<string> = new Set(PURPOSE_CODES);

/** Never covered by its parent: comparing capability is what the standard terms forbid, so a clause must name it. */
export const GRANTED_BY_NAME_ONLY: PurposeCode = 'benchmark.capability';

/** Whether the text is a code of the list. */
export function isPurposeCode(code: string): code is PurposeCode {
  return KNOWN.has(code);
}

/** Whether `child` is `parent` or lies under it: `capability` covers `capability.cbrn.chemical`. Purely by name. */
export function covers(parent: string, child: string): boolean {
  return child === parent || (child.startsWith(parent) && child[parent.length] === '.');
}

/** Whether one of the two codes covers the other, so that some work could fall under both. */
export function overlaps(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one);
}

const HIGH_TIER: readonly PurposeCode[] = ['capability.cbrn', 'capability.cyber_offense'];

/** Whether work under this purpose may touch CBRN or cyber offence, which takes the high approval tier. */
export function isHighTierPurpose(code: string): boolean {
  return HIGH_TIER.some((high) => overlaps(high, code));
}

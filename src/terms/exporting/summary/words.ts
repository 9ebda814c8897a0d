import { PROHIBITED_USES } from '../../prohibited-uses.js';
import { PURPOSES, covers } from '../../purposes.js';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** A whole number with commas between thousands. */
export function grouped(count: number): string {
  return groupedDigits(String(count));
}

function groupedDigits(digits: string): string {
  return digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A number of things, in the singular for one and in the plural for any other. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** An amount of micro-units as units of a currency, with two decimal places and as many more as it takes. */
export function money(microUnits: number, currency: string): string {
  const digits = String(microUnits).padStart(7, '0');
  const places = digits.slice(-6).replace(/0{1,4}$/, '');
  return `${groupedDigits(digits.slice(0, -6))}.${places} ${currency}`;
}

/** Several texts as one: `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

/** An instant as a date and a time of day in UTC, to the minute unless it is more exact. */
export function moment(instant: string | Date): string {
  const at = new Date(instant);
  const time = at
    .toISOString()
    .slice(11, -1)
    .replace(/(?::00)?\.000$/, '');
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()} at ${time} UTC`;
}

/** A half-open interval: its end does not belong to it. */
export function period(from: string, until: string): string {
  return `from ${moment(from)} until just before ${moment(until)}`;
}

/** A text between quotation marks, so that a label is not read as part of the sentence. */
export function quoted(text: string): string {
  return `“${text}”`;
}

/** A purpose by its label and those of the purposes above it, such as “Robustness: Jailbreaks”. */
export function purposeLabel(code: string): string {
  const path = PURPOSES.filter((purpose) => covers(purpose.code, code));
  return quoted(path.map(({ label }) => label).join(': '));
}

/** A prohibited use by its label. */
export function useLabel(code: string): string {
  return quoted(PROHIBITED_USES.find((use) => use.code === code)?.label ?? code);
}

/** What a purpose or a prohibited use means, as the code lists say it. */
export function definitionOf(code: string): string {
  const entries: readonly { readonly code: string; readonly definition: string }[] = [...PURPOSES, ...PROHIBITED_USES];
  return entries.find((entry) => entry.code === code)?.definition ?? '';
}

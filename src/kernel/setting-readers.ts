import { LabRole, labRoles } from './actor.js';

/** Reads a whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  return (text: string) => (/^\d{1,10}$/.test(text) && +text >= min && +text <= max ? +text : null);
}

/** Reads one of some words. */
export function oneOf<T extends string>(...words: T[]) {
  return (text: string) => words.find((word) => word === text) ?? null;
}

/** Reads a URL with one of some protocols, such as `https:`. */
export function url(...protocols: string[]) {
  return (text: string) => (URL.canParse(text) && protocols.includes(new URL(text).protocol) ? text : null);
}

/** A map from an issuer's groups to lab roles; a role that there is not would silently let nobody in. */
export function roleMap(text: string): Record<string, LabRole> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap && Object.values(value).every((role) => labRoles.includes(role as LabRole))
      ? (value as Record<string, LabRole>)
      : null;
  } catch {
    return null;
  }
}

/** What `databaseUrl` takes, in words. */
export const postgresUrl = 'a URL such as postgres://user:password@host:5432/database, without `options`';

/** Options in the URL would take the place of those that set the role and bound every wait. */
export function databaseUrl(text: string): string | null {
  const known = url('postgres:', 'postgresql:')(text);
  return known !== null && !new URL(known).searchParams.has('options') ? known : null;
}

/** Appends one reference token to an RFC 6901 JSON pointer, escaping `~` and `/`. The root pointer is the empty string. */
export function childPointer(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The RFC 6901 JSON pointer made of these reference tokens, from the root down. */
export function pointerTo(tokens: readonly (string | number)[]): string {
  return tokens.reduce<string>(childPointer, '');
}

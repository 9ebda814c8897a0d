/**
 * The bytes that a text spells in base64url (RFC 4648 §5) without padding; null when it is not their one spelling.
 * Node drops what it does not know and ignores spare bits at the end, so that many texts would be one value.
 */
export function bytesOfBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

import { parseInstant } from '../../kernel/instants.js';
import { parseNetwork } from '../../kernel/networks.js';
import { isTimeZone } from '../../kernel/periods.js';

/** Words that name whichever snapshot happens to be the current one. */
const ALIAS = /(?:^|[-_.:@/])(?:latest|stable|default|current|newest|auto)(?:$|[-_.:@/])/i;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const EMAIL_ADDRESS = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,253}$/;

/** The formats of texts in terms, by the names under which the schema asks for them. */
export const formats = {
  'date-time': (text: string) => parseInstant(text) !== null,
  'iana-time-zone': isTimeZone,
  'exact-snapshot': (text: string) => isName(text) && !ALIAS.test(text),
  cidr: (text: string) => parseNetwork(text) !== null,
  domain: (text: string) => DOMAIN.test(text),
  'email-address': (text: string) => EMAIL_ADDRESS.test(text),
} as const satisfies Record<string, (text: string) => boolean>;

/** Whether the text can name a model, an endpoint, an evaluation set and the like. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

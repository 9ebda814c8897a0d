import { Content } from './content.js';
import { Person } from './people.js';

/** Whose digest somebody names: of a revision of a text, or of nothing. */
export interface Named {
  text: number;
  /** Counts from 0; beyond the newest one it names nothing. */
  revision: number;
}

/** How somebody signs. */
export interface Signing {
  /** How long ago they proved who they are; null where they never did. */
  provedAgo: number | null;
  /** Whether they type the name on file. */
  ownName: boolean;
}

/** One command as somebody gives it. What a command takes beyond its target is in the fields that it reads. */
export interface Deed {
  command: string;
  by: Person;
  /** The position of what it is about; -1 for something that does not exist. */
  on: number;
  content?: Content;
  named?: Named;
  stage?: string;
  kind?: string;
  signing?: Signing;
  /** An instant, or a span of time where the clock advances. */
  at?: number;
  until?: number;
  /** The position of another thing that the command names: a predecessor or a notice; -1 for one that does not exist. */
  other?: number | null;
  person?: Person;
  reason?: string;
  target?: string;
  use?: string | null;
  outcome?: string;
  contact?: { kind: string; email: string };
}

/** A deed in one line, for the report of a failure. */
export function told({ command, by, on, ...more }: Deed): string {
  const details = Object.entries(more)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${wordOf(value)}`);
  return `${by.name}: ${command} ${on}${details.length > 0 ? ` (${details.join(' ')})` : ''}`;
}

function wordOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'roles' in value) return (value as Person).name;
  return JSON.stringify(value);
}

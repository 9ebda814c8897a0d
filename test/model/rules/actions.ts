import { holds, Person } from '../people.js';
import { headOf, Text } from '../world.js';
import { approve } from './approval.js';
import { roles } from './permitted.js';
import { signing } from './signing.js';
import { negotiation, TextRule } from './texts.js';

/** Every rule of a command that a text takes. */
export const textRules: Readonly<Record<string, TextRule>> = { ...negotiation, ...signing, approve };

/** What somebody may do with a text as it stands, in the words of the answers. */
export function actionsOf(text: Text, who: Person): string[] {
  const taken = Object.entries(textRules).filter(
    ([command, { from, kinds }]) =>
      from.includes(text.state) &&
      kinds.includes(text.kind) &&
      holds(who, roles[command]!) &&
      answers(command, text, who),
  );
  const ends = text.state === 'executed' && text.kind === 'original' && holds(who, roles['propose termination']!);
  return [...taken.map(([command]) => command.replace('-', '_')), ...(ends ? ['terminate'] : [])].toSorted();
}

/** A protective amendment is not the partner's to open; only the party whose turn it is answers, and nobody accepts what their own party wrote. */
function answers(command: string, text: Text, { side }: Person): boolean {
  if (command === 'reopen') return text.kind !== 'protective' || side === 'lab';
  if (command !== 'accept' && command !== 'counter-propose') return true;
  return text.turn === side && (command !== 'accept' || headOf(text).side !== side);
}

import { entities } from './data-source.js';
import { Moves } from './kernel/moves.js';
import { Permission, permissions } from './kernel/permissions.js';
import { code, page, table } from './markdown.js';

/** The life of everything that has one, drawn and in a table, straight from the tables that the program lives by. */
export function lifecyclesPage(): string {
  const lives = entities.flatMap((entity) =>
    'moves' in entity && entity.moves instanceof Moves ? [entity.moves as Moves<string, string>] : [],
  );
  return page('Lifecycles', [
    'Each table is the code itself: a command that is not in it is refused with `move_not_allowed`. Who may give a command',
    'is the permission `<thing>.<command>` in [permissions](permissions.md); `system` is Parley, which makes a move itself',
    'when something else has happened. What follows from facts (in force, expired, overdue) is derived at each request and',
    'stored nowhere.',
    ...lives.flatMap(lifecycle),
  ]);
}

function lifecycle(moves: Moves<string, string>): string[] {
  const rows = moves.states.flatMap((state) =>
    moves.commands.flatMap((command) => {
      const move = moves.table[state]?.[command];
      const who = permissions[`${moves.thing}.${command}` as Permission].join(', ');
      return move ? [[state, code(command), who, move.to, code(move.event)]] : [];
    }),
  );
  return [
    `\n## ${moves.thing}\n`,
    `\`\`\`mermaid\n${moves.diagram()}\n\`\`\`\n`,
    ...table(['from', 'command', 'who', 'to', 'event in the audit log'], rows),
  ];
}

/** A page that nobody edits, from its title and lines. */
export function page(title: string, lines: readonly string[]): string {
  return [`# ${title}`, '', '<!-- Written from the code by `npm run docs`. Do not edit. -->', '', ...lines, ''].join(
    '\n',
  );
}

/** A table, as lines. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** A text set as code. */
export function code(text: string): string {
  return `\`${text}\``;
}

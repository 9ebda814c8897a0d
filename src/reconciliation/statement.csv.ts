import { stringify } from 'csv-stringify/sync';
import { Statement, StatementLine } from './statement.js';

const columns: (keyof StatementLine)[] = [
  'hour',
  'key',
  'campaign',
  'purpose',
  'model',
  'version',
  'requests',
  'input_tokens',
  'output_tokens',
];

/** The lines of a sealed statement as CSV. A cell that a spreadsheet might run as a formula is quoted as text. */
export function statementCsv(sealed: string): string {
  const { lines } = JSON.parse(sealed) as Statement;
  return stringify(lines, { header: true, columns, escape_formulas: true });
}

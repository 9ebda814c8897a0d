/**
 * Gives back one value for all that are equal. Keys of one campaign have most of their facts in common, and each row
 * brings copies of them; without this a copy of everything would need several times the memory. What is given back must
 * not be changed. Values are kept as long as the table that they are shared by, whether or not anybody uses them still.
 */
export class SharedValues {
  private readonly texts = new Map<string, string>();
  private readonly instants = new Map<number, Date>();
  private readonly lists = new Map<string, readonly unknown[]>();

  /** The row with shared values, but for these columns: what nobody else has is not worth sharing. */
  share<Row extends object>(row: Row, own: ReadonlySet<string>): Row {
    for (const column of Object.keys(row) as (keyof Row & string)[]) {
      if (!own.has(column)) row[column] = this.one(row[column]);
    }
    return row;
  }

  private one<T>(value: T): T {
    if (typeof value === 'string') return kept(this.texts, value, value) as T;
    if (value instanceof Date) return kept(this.instants, value.getTime(), value) as T;
    if (Array.isArray(value)) return kept(this.lists, JSON.stringify(value), value) as T;
    return value;
  }
}

function kept<Name, Value>(all: Map<Name, Value>, name: Name, value: Value): Value {
  const known = all.get(name);
  if (known !== undefined) return known;
  all.set(name, value);
  return value;
}

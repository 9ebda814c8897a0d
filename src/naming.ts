import { DefaultNamingStrategy, Table } from 'typeorm';

/** Tables and columns in snake case, so that SQL reads as SQL. Every other name is declared where it is used. */
export class SnakeCase extends DefaultNamingStrategy {
  override tableName(className: string, customName?: string): string {
    return customName ?? snake(className);
  }

  override columnName(property: string, customName: string | undefined, prefixes: string[]): string {
    return snake([...prefixes, customName ?? property].join('_'));
  }

  override primaryKeyName(table: Table | string): string {
    return `pk_${typeof table === 'string' ? table : table.name}`;
  }
}

function snake(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** A piece of SQL whose values were quoted when it was made. */
export interface Sql {
  readonly text: string;
}

type SqlValue = Sql | string | number | boolean | Date | null | readonly string[];

/** SQL in which each `${value}` becomes a literal; another piece of SQL is put in as it is. */
export function sql(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql {
  const text = strings.reduce((sum, string, index) => {
    const value = values[index];
    return sum + string + (value === undefined ? '' : literal(value));
  }, '');
  return { text };
}

/** Pieces with `by` between them. */
export function joined(pieces: readonly Sql[], by: string): Sql {
  return { text: pieces.map((piece) => piece.text).join(by) };
}

/** All of the conditions; none means everything. */
export function allOf(conditions: readonly (Sql | undefined)[]): Sql {
  const some = conditions.filter((condition) => condition !== undefined);
  return some.length === 0 ? sql`true` : joined(some, ' AND ');
}

/** The name of a column or table. */
export function identifier(name: string): Sql {
  return { text: `"${name.replaceAll('"', '""')}"` };
}

function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is no SQL number`);
    return String(value);
  }
  if (value instanceof Date) return `TIMESTAMP ${quoted(value.toISOString().replace('Z', ''))}`;
  if ('text' in value) return value.text;
  return `[${value.map(quoted).join(', ')}]::VARCHAR[]`;
}

/** DuckDB knows no escapes but the doubled quote; it ends a text at a zero byte, so none is let through. */
function quoted(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`;
}

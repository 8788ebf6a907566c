import type { ReportDuck } from './data/duck.ts';
import { identifier, joined, type Sql, sql } from './data/sql.ts';
import type { ReportWork, ValueType } from './report.ts';

/** How a column is kept, also in Parquet. */
export const sqlTypes: Readonly<Record<ValueType, Sql>> = {
  text: sql`VARCHAR`,
  integer: sql`BIGINT`,
  decimal: sql`DOUBLE`,
  boolean: sql`BOOLEAN`,
  time: sql`TIMESTAMP`,
  link: sql`VARCHAR`,
};

/** Makes the rows of a report a table, in their order and with the types that its columns have. */
export async function makeRows(duck: ReportDuck, table: Sql, work: ReportWork): Promise<void> {
  const columns = work.columns.map(
    ({ name, type }) => sql`${identifier(name)}::${sqlTypes[type]} AS ${identifier(name)}`,
  );
  const order = work.order ? sql`ORDER BY ${work.order}` : sql``;
  await duck.run(
    sql`CREATE TABLE ${table} AS SELECT ${joined(columns, ', ')} FROM (${work.rows}) AS made ${order}`,
  );
}

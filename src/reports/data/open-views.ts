import { columnName, type View, type ViewColumn, type ViewName, views } from '../columns.ts';
import type { Cell, ReportDuck } from './duck.ts';
import type { ReportSources } from './sources.ts';
import { identifier, joined, type Sql, sql } from './sql.ts';

/** Makes every view of `columns.ts`; what the sources don't have is empty. */
export async function openViews(duck: ReportDuck, sources: ReportSources): Promise<void> {
  await fromFiles(duck, 'items', sources.items);
  await fromFiles(duck, 'previous_items', sources.previous);
  await fromFiles(duck, 'permissions', sources.permissions);
  await fromFiles(duck, 'versions', sources.versions);
  await duck.run(sql`CREATE VIEW files AS SELECT * FROM items WHERE kind = 'file'`);
  await duck.run(sql`CREATE VIEW folders AS SELECT * FROM items WHERE kind IN ('folder', 'root')`);
  await fromRows(duck, 'drives', sources.drives);
  await fromRows(duck, 'drive_history', sources.driveHistory);
  await fromRows(duck, 'people', sources.people);
  await fromRows(duck, 'groups', sources.groups);
  await fromRows(duck, 'apps', sources.apps);
  await fromRows(duck, 'subscriptions', sources.subscriptions);
  await fromRows(duck, 'rules', sources.rules);
  await fromRows(duck, 'budgets', sources.budgets);
}

async function fromFiles(
  duck: ReportDuck,
  name: ViewName,
  files: readonly string[] | undefined,
): Promise<void> {
  const { columns }: View = views[name];
  if (files === undefined || files.length === 0) return duck.table(name, columns, []);
  const list = columns.map((column) => identifier(column.name));
  return duck.run(
    sql`CREATE VIEW ${identifier(name)} AS SELECT ${joined(list, ', ')} FROM ${parquet(files)}`,
  );
}

async function fromRows(
  duck: ReportDuck,
  name: ViewName,
  rows: readonly object[] | undefined,
): Promise<void> {
  const { columns }: View = views[name];
  return duck.table(name, columns, (rows ?? []).map(cellsOf(columns)));
}

/** The cells of a row object, whose properties are the columns in camel case. */
function cellsOf(columns: readonly ViewColumn[]): (row: object) => Cell[] {
  return (row) => {
    const byColumn = new Map<string, Cell>(
      Object.entries(row).map(([property, value]) => [columnName(property), value]),
    );
    return columns.map(({ name }) => byColumn.get(name));
  };
}

export function parquet(files: readonly string[]): Sql {
  return sql`read_parquet(${files})`;
}

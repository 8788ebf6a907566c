import type { ViewName } from './columns.ts';
import type { ReportDuck } from './data/duck.ts';
import { parquet } from './data/open-views.ts';
import type { ReportSources } from './data/sources.ts';
import { identifier, joined, sql } from './data/sql.ts';
import { figuresOf, type Totals } from './figures.ts';
import { makeRows, sqlTypes } from './make-rows.ts';
import type { Report, ReportWork } from './report.ts';

/** What is known of the last run. When it has rows they are the table `before.result`. */
export interface Before {
  readonly hasRows: boolean;
  readonly totals: Totals | undefined;
}

interface Asked {
  readonly report: Report;
  readonly work: ReportWork;
  readonly sources: ReportSources;
  /** The work as it would have been at an earlier time. */
  again(now: Date): ReportWork | Promise<ReportWork>;
}

/** What the inventory before can answer by itself. */
const inventoryViews: readonly ViewName[] = ['items', 'files', 'folders', 'drives'];

/**
 * Finds what to compare with: the rows that the last run stored, else the same report over the inventory before, where the report is
 * made of inventory only. Totals come from the history, else from that too. Undefined when there is nothing.
 */
export async function openBefore(duck: ReportDuck, asked: Asked): Promise<Before | undefined> {
  const { report, work, sources } = asked;
  await duck.run(sql`CREATE SCHEMA before`);
  const kept = sources.history?.at(-1)?.totals;
  if (sources.lastRun !== undefined && (await openLastRun(duck, sources.lastRun, work)))
    return { hasRows: work.key.length > 0, totals: kept };

  const comparable = report.reads.every((view) => inventoryViews.includes(view));
  if (!comparable || work.key.length === 0 || !sources.previous?.length)
    return kept && { hasRows: false, totals: kept };
  const totals = await makeAgain(duck, asked);
  return { hasRows: true, totals: kept ?? totals };
}

/** False when that file has other columns: then the report has become another one. */
async function openLastRun(duck: ReportDuck, file: string, work: ReportWork): Promise<boolean> {
  const described = await duck.objects(sql`DESCRIBE SELECT * FROM ${parquet([file])}`);
  const known = new Set(described.map((column) => column.column_name));
  if (!work.columns.every(({ name }) => known.has(name))) return false;
  const columns = work.columns.map(
    ({ name, type }) => sql`${identifier(name)}::${sqlTypes[type]} AS ${identifier(name)}`,
  );
  // A view: only what is compared is read from the file.
  await duck.run(sql`CREATE VIEW before.result AS SELECT ${joined(columns, ', ')} FROM ${parquet([file])}`);
  return true;
}

/** The same report over `previous_items`, which the names of the views stand for meanwhile. */
async function makeAgain(duck: ReportDuck, { sources, again }: Asked): Promise<Totals> {
  const only = { files: sql`kind = 'file'`, folders: sql`kind IN ('folder', 'root')`, items: sql`true` };
  for (const [view, which] of Object.entries(only))
    await duck.run(
      sql`CREATE VIEW before.${identifier(view)} AS SELECT * FROM main.previous_items WHERE ${which}`,
    );
  const times = (sources.drives ?? []).flatMap(({ previousReadAt }) => previousReadAt ?? []);
  const [row = []] = await duck.rows(sql`SELECT max(modified_at) FROM main.previous_items`);
  const newest = row[0] instanceof Date ? row[0] : new Date(0);
  const work = await again(times.length > 0 ? new Date(Math.max(...times)) : newest);
  await duck.run(sql`SET search_path = 'before,main'`);
  try {
    await makeRows(duck, sql`before.result`, work);
    return await figuresOf(duck, work);
  } finally {
    await duck.run(sql`SET search_path = 'main'`);
  }
}

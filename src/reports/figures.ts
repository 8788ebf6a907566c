import type { ReportDuck } from './data/duck.ts';
import type { PastRun } from './data/sources.ts';
import { identifier, joined, sql } from './data/sql.ts';
import type { ReportWork } from './report.ts';
import type { Figure } from './result.ts';

/** Figures by name; null when nothing was there to count. */
export type Totals = Readonly<Record<string, number | null>>;

/** Counts the figures over the table `result` and the views that are in sight. */
export async function figuresOf(duck: ReportDuck, { figures }: ReportWork): Promise<Totals> {
  // The count makes it one row, also where each figure is a query of its own and `result` is empty.
  const values = figures.map(({ name, value }) => sql`(${value})::DOUBLE AS ${identifier(name)}`);
  const [row = {}] = await duck.objects(sql`SELECT ${joined([...values, sql`count(*)`], ', ')} FROM result`);
  return Object.fromEntries(
    figures.map(({ name }) => {
      const value = row[name];
      return [name, typeof value === 'number' ? value : null];
    }),
  );
}

export function toFigures({ figures }: ReportWork, totals: Totals, before: Totals | undefined): Figure[] {
  return figures.map(({ name, title, unit }) => ({
    name,
    title,
    unit,
    value: totals[name] ?? null,
    ...(before && name in before ? { before: before[name] ?? null } : {}),
  }));
}

/** The table `totals_history` (moment, name, value): what charts over time are made of. */
export async function keepTotals(duck: ReportDuck, runs: readonly PastRun[]): Promise<void> {
  const rows = runs.flatMap(({ at, totals }) =>
    Object.entries(totals).map(([name, value]) => [at, name, value] as const),
  );
  const columns = [
    { name: 'moment', type: 'TIMESTAMP', meaning: 'time of the run' },
    { name: 'name', type: 'VARCHAR', meaning: 'name of the figure' },
    { name: 'value', type: 'DOUBLE', meaning: 'its value' },
  ] as const;
  await duck.table('totals_history', columns, rows);
}

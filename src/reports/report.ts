import type { z } from 'zod';
import type { ViewName } from './columns.ts';
import type { Sql } from './data/sql.ts';

/** A cell. Times are dates, whole numbers are exact up to 2^53. */
export type Value = string | number | boolean | Date | null;
export type Row = readonly Value[];

export type ValueType = 'text' | 'integer' | 'decimal' | 'boolean' | 'time' | 'link';

export interface ReportColumn {
  /** In files for programs: lower case with underscores. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly type: ValueType;
  /** `bytes`, `percent`, `days`, or what is counted. */
  readonly unit?: string;
  readonly meaning: string;
}

/** A number about the whole report. */
export interface FigureSpec {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** An expression over the rows, which are the table `result`, or a query in brackets over any view. */
  readonly value: Sql;
}

interface ChartText {
  readonly title: string;
  /** Says what areas or lengths mean, with the unit. */
  readonly caption: string;
  readonly unit: string;
}

/** What a chart is made of. Queries are over `result` and the views. */
export type ChartSpec = ChartText &
  (
    | { readonly kind: 'treemap' /** Gives group, label, value. */; readonly rows: Sql }
    | { readonly kind: 'bars' /** Gives label, value. */; readonly rows: Sql }
    | { readonly kind: 'lines' /** Gives series, moment (TIMESTAMP), value. */; readonly rows: Sql }
  );

/** A report on one set of parameters. */
export interface ReportWork {
  readonly columns: readonly ReportColumn[];
  /** A query over the views that gives these columns by their names. */
  readonly rows: Sql;
  /** The order of the rows; as the query gives them unless given. */
  readonly order?: Sql;
  /** Columns that tell a row apart in two runs. None: runs are not compared row by row. */
  readonly key: readonly string[];
  /** Columns whose difference counts as a change of a row. */
  readonly compare: readonly string[];
  /** The column that names a row in a list of changes. */
  readonly label: string;
  readonly figures: readonly FigureSpec[];
  /** A few sentences made from the figures. */
  sentences(figures: Readonly<Record<string, number>>): readonly string[];
  readonly charts: readonly ChartSpec[];
  /** What it could not show this time, in sentences. */
  readonly limits?: readonly string[];
}

/** The answer to a query that a user wrote: rows of its own, without any view behind it. */
export interface Answer {
  readonly columns: readonly ReportColumn[];
  readonly rows: Sql;
  /** True when there were more rows than the limit. */
  readonly cut: boolean;
}

export interface QueryLimits {
  readonly timeLimitMs: number;
  readonly rowLimit: number;
}

export interface WorkContext {
  /** The time that ages are counted from. */
  readonly now: Date;
  /** Answers a query that a user wrote, which can do nothing but read the documented views. */
  ask(query: string, limits: QueryLimits): Promise<Answer>;
}

/** One kind of report. */
export interface Report<Input extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  /** The question that it answers; reports with one question stand together. */
  readonly question: string;
  readonly input: Input;
  /** Permissions of Microsoft Graph. */
  readonly needs: readonly string[];
  /** The views that it asks beyond `drives`: what has to be gathered before. */
  readonly reads: readonly ViewName[];
  /** The views that it asks with these parameters, where they decide it. */
  readsFor?(input: z.output<Input>): readonly ViewName[];
  /** What of these parameters can't work though their types are right, found without any data: before a job is saved. */
  problem?(input: z.output<Input>): Promise<{ path: string; message: string } | undefined>;
  /** What it can't see, in sentences. */
  readonly limits?: readonly string[];
  work(input: z.output<Input>, context: WorkContext): ReportWork | Promise<ReportWork>;
}

/** Keeps the type of the input. */
export function defineReport<Input extends z.ZodType>(report: Report<Input>): Report<Input> {
  return report;
}

/** The views that a report asks, for parameters that were checked. */
export function viewsOf(report: Report, input: unknown): readonly ViewName[] {
  return report.readsFor?.(input) ?? report.reads;
}

const withoutDrives: readonly ViewName[] = ['people', 'apps', 'subscriptions', 'rules', 'budgets'];

/** False for a report on the directory or on this installation alone. */
export function readsDrives(report: Report, input: unknown): boolean {
  return viewsOf(report, input).some((view) => !withoutDrives.includes(view));
}

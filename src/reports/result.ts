import type { Coverage } from './coverage.ts';
import type { ReportColumn, Row } from './report.ts';

/** A number about the whole report. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  /** `bytes`, `percent`, `days`, or what is counted. */
  readonly unit: string;
  /** Null when nothing was there to count. */
  readonly value: number | null;
  /** The same figure of the last run; undefined when there was none. */
  readonly before?: number | null;
}

/** A row that came, went or changed since the last run. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  /** What names the row for people. */
  readonly label: string;
  /** Of a changed row: the columns that differ, by their titles. */
  readonly fields: readonly { readonly title: string; readonly before: string; readonly after: string }[];
}

/** What differs from the last run of the same report. */
export interface Changes {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Some of them, at most a hundred: the first of each kind. */
  readonly some: readonly Change[];
  /** One line for people. */
  readonly line: string;
}

interface ChartText {
  readonly title: string;
  /** Says what areas or lengths mean, with the unit. */
  readonly caption: string;
  /** `bytes`, `percent`, `days`, or what is counted. */
  readonly unit: string;
}

/** What a chart shows; charts without data are left out. */
export type Chart = ChartText &
  (
    | {
        readonly kind: 'treemap';
        readonly rows: readonly { readonly group: string; readonly label: string; readonly value: number }[];
      }
    | { readonly kind: 'bars'; readonly rows: readonly { readonly label: string; readonly value: number }[] }
    | {
        readonly kind: 'lines';
        readonly rows: readonly { readonly series: string; readonly at: Date; readonly value: number }[];
      }
  );

/** A report that was made. It holds a database until it is closed. */
export interface ReportResult {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly generatedAt: Date;
  /** What it was asked with, defaults included. */
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly meaning: string }[];
  readonly columns: readonly ReportColumn[];
  readonly rowCount: number;
  /** The column that names a row for people; undefined when none does. */
  readonly label: string | undefined;
  /** The rows in their order, in batches and constant memory; can be read several times, also at once. */
  rows(): AsyncIterable<readonly Row[]>;
  /** Writes all rows into a Parquet file on this machine: what `lastRun` of the sources of the next run is. */
  keepRows(file: string): Promise<void>;
  readonly totals: readonly Figure[];
  /** A few sentences made from the totals. */
  readonly sentences: readonly string[];
  /** Undefined when there is no last run, or when its rows can't be told apart. */
  readonly changes: Changes | undefined;
  readonly coverage: Coverage;
  readonly charts: readonly Chart[];
  /** What the report can't see, in sentences. */
  readonly limits: readonly string[];
  close(): Promise<void>;
}

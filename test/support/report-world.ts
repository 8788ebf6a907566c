import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { columns as itemColumns } from '../../src/inventory/columns.ts';
import { type ViewColumn, views } from '../../src/reports/columns.ts';
import { type Cell, openDuck } from '../../src/reports/data/duck.ts';
import type { DriveRow, ReportSources } from '../../src/reports/data/sources.ts';
import { sql } from '../../src/reports/data/sql.ts';
import { createReportEngine, type RunOptions } from '../../src/reports/engine.ts';
import type { Report, Row, Value } from '../../src/reports/report.ts';
import type { ReportResult } from '../../src/reports/result.ts';

export const reportNow = Date.UTC(2026, 10, 20, 12);
export const dayMs = 86_400_000;

/** An item as a test speaks of it: the columns of an inventory; times are milliseconds since 1970. */
export interface TestItem {
  drive_id: string;
  item_id: string;
  parent_id: string | null;
  kind: string;
  name: string;
  path: string;
  depth: number;
  extension: string;
  size: number | null;
  created_at: number | null;
  modified_at: number | null;
  created_by: string | null;
  modified_by: string | null;
  hash: string | null;
  web_url: string | null;
  child_count: number | null;
  shared_scope: string | null;
  unique_permissions: boolean;
}

export interface TestPermission {
  drive_id: string;
  item_id: string;
  permission_id: string;
  role: string;
  kind: string;
  link_scope?: string | null;
  link_type?: string | null;
  grantee_kind?: string | null;
  grantee_id?: string | null;
  grantee_name?: string | null;
  grantee_mail?: string | null;
  expires_at?: number | null;
  has_password?: boolean | null;
  inherited_from?: string | null;
}

export interface TestVersion {
  drive_id: string;
  item_id: string;
  version_id: string;
  size: number;
  modified_at: number;
  modified_by: string | null;
}

export type TestRow = Readonly<Record<string, Value>>;

export interface MadeReport {
  readonly result: Omit<ReportResult, 'rows' | 'close'>;
  /** All rows as objects. */
  readonly rows: readonly TestRow[];
  readonly totals: Readonly<Record<string, number | null>>;
}

export interface ReportWorld {
  readonly folder: string;
  items(rows: readonly TestItem[]): Promise<string>;
  permissions(rows: readonly TestPermission[]): Promise<string>;
  versions(rows: readonly TestVersion[]): Promise<string>;
  parquet(columns: readonly ViewColumn[], rows: readonly object[]): Promise<string>;
  open(
    report: Report,
    parameters: unknown,
    sources: ReportSources,
    options?: RunOptions,
  ): Promise<ReportResult>;
  /** Makes a report, reads it whole and closes it. */
  make(report: Report, parameters: unknown, sources: ReportSources): Promise<MadeReport>;
  /** Keeps rows as a run keeps them for the next one. */
  keep(columns: ReportResult['columns'], rows: readonly TestRow[]): Promise<string>;
  remove(): Promise<void>;
}

export async function createReportWorld(now = reportNow): Promise<ReportWorld> {
  const folder = await mkdtemp(path.join(tmpdir(), 'valet-report-'));
  const engine = createReportEngine({ ports: { clock: () => now }, tempDir: folder, memoryLimitMb: 200 });
  let files = 0;

  async function parquet(columns: readonly ViewColumn[], rows: readonly object[]): Promise<string> {
    files += 1;
    const file = path.join(folder, `${files}.parquet`);
    const duck = await openDuck({ folder, memoryLimitMb: 200 });
    try {
      await duck.table('made', columns, rows.map(cellsOf(columns)));
      await duck.run(sql`COPY made TO ${file} (FORMAT parquet, COMPRESSION zstd)`);
    } finally {
      duck.close();
    }
    return file;
  }

  return {
    folder,
    parquet,
    items: (rows) => parquet(itemColumns, [...rows].sort(byPath)),
    permissions: (rows) => parquet(views.permissions.columns, rows),
    versions: (rows) => parquet(views.versions.columns, rows),
    open: (report, parameters, sources, options) => engine.run(report, parameters, sources, options),
    async make(report, parameters, sources) {
      const made = await engine.run(report, parameters, sources);
      try {
        return { result: made, rows: await allRows(made), totals: totalsOf(made) };
      } finally {
        await made.close();
      }
    },
    keep: (columns, rows) => parquet(columns.map(toTableColumn), rows.map(withNumbers)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function allRows({ columns, rows }: Pick<ReportResult, 'columns' | 'rows'>): Promise<TestRow[]> {
  const all: TestRow[] = [];
  for await (const batch of rows()) for (const row of batch) all.push(toObject(columns, row));
  return all;
}

function toObject(columns: ReportResult['columns'], row: Row): TestRow {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]));
}

const tableTypes = {
  text: 'VARCHAR',
  link: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DOUBLE',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
} as const;

const toTableColumn = ({ name, type, meaning }: ReportResult['columns'][number]): ViewColumn => ({
  name,
  type: tableTypes[type],
  meaning,
});

/** Times as the milliseconds that tables are made of. */
function withNumbers(row: TestRow): object {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]),
  );
}

function totalsOf({ totals }: ReportResult): Readonly<Record<string, number | null>> {
  return Object.fromEntries(totals.map(({ name, value }) => [name, value]));
}

function cellsOf(columns: readonly ViewColumn[]): (row: object) => Cell[] {
  return (row) => {
    const cells = new Map<string, Cell>(Object.entries(row));
    return columns.map(({ name }) => cells.get(name));
  };
}

/** The order of DuckDB: by bytes. */
export function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

const byPath = (one: TestItem, other: TestItem) => compareText(one.path, other.path);

/** A drive that was read. */
export function readDrive(driveId: string, more: Partial<DriveRow> = {}): DriveRow {
  return {
    driveId,
    name: `Drive ${driveId}`,
    kind: 'documentLibrary',
    outcome: 'read',
    readAt: reportNow,
    ...more,
  };
}

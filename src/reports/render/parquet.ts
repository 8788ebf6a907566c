import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnType, ViewColumn } from '../columns.ts';
import { type Cell, openDuck } from '../data/duck.ts';
import { identifier, joined, sql } from '../data/sql.ts';
import type { ReportColumn, ValueType } from '../report.ts';
import type { ReportResult } from '../result.ts';
import type { Renderer, RenderMeta } from './renderer.ts';

const types: Readonly<Record<ValueType, ColumnType>> = {
  text: 'VARCHAR',
  link: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DOUBLE',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
};

const memoryLimitMb = 128;

/** Typed columns by their names (zstd), rows in their order; title, time and coverage are metadata of the file. Times are UTC. */
export const parquet: Renderer = {
  format: 'parquet',
  contentType: 'application/vnd.apache.parquet',
  extension: 'parquet',
  render: pieces,
};

async function* pieces(result: ReportResult, { tempDir }: RenderMeta): AsyncGenerator<Uint8Array> {
  const folder = path.join(tempDir, `parquet-${randomUUID()}`);
  const file = path.join(folder, 'report.parquet');
  await mkdir(folder, { recursive: true });
  try {
    await write(result, folder, file);
    yield* createReadStream(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(result: ReportResult, folder: string, file: string): Promise<void> {
  const duck = await openDuck({ file: path.join(folder, 'rows.duckdb'), folder, memoryLimitMb });
  try {
    await duck.table('report', result.columns.map(toColumn), cells(result));
    const facts = {
      title: result.title,
      report: result.name,
      generated_at: result.generatedAt.toISOString(),
      coverage: result.coverage.line,
    };
    const metadata = Object.entries(facts).map(([name, value]) => sql`${identifier(name)}: ${value}`);
    await duck.run(
      sql`COPY report TO ${file} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${joined(metadata, ', ')}})`,
    );
  } finally {
    duck.close();
  }
}

function toColumn({ name, type, meaning }: ReportColumn): ViewColumn {
  return { name, type: types[type], meaning };
}

async function* cells({ rows }: ReportResult): AsyncGenerator<readonly Cell[]> {
  for await (const batch of rows()) {
    for (const row of batch) yield row.map((value) => (value instanceof Date ? value.getTime() : value));
  }
}

import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../errors.ts';
import type { ViewName } from '../columns.ts';
import { type Cell, openDuck, type ReportDuck } from '../data/duck.ts';
import { identifier, sql } from '../data/sql.ts';
import type { Answer, QueryLimits, Row } from '../report.ts';
import { watchLimits } from '../watch-limits.ts';
import { checkUserQuery } from './check-user-query.ts';
import { toReportColumns } from './to-report-columns.ts';

interface Room extends QueryLimits {
  readonly folder: string;
  readonly memoryLimitMb: number;
  readonly signal?: AbortSignal;
}

/**
 * Answers a user's query. What it asks is copied into a database of its own first, which is then opened read-only, without any
 * access to files and with its settings locked: there is nothing else in sight that it could reach. The rows land in the table
 * `answer` of the report. Throws `invalid_request`.
 */
export async function askUserQuery(duck: ReportDuck, query: string, room: Room): Promise<Answer> {
  const views = await checkUserQuery(duck, query);
  const file = path.join(room.folder, 'asked.duckdb');
  await copyViews(duck, views, file);
  // DuckDB lets a query reach the folder that it spills to, whatever else is forbidden: nothing but that lies there.
  const folder = path.join(room.folder, 'asked');
  await mkdir(folder, { recursive: true });
  const locked = await openDuck({ file, folder, memoryLimitMb: room.memoryLimitMb, locked: true });
  const limits = watchLimits(locked, room.timeLimitMs, room.signal);
  try {
    const answer = await collect(duck, locked, query, room.rowLimit);
    limits.check();
    return answer;
  } catch (error) {
    throw limits.reason() ?? refusal(error);
  } finally {
    limits.end();
    locked.close();
    await rm(file, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyViews(duck: ReportDuck, views: readonly ViewName[], file: string): Promise<void> {
  await duck.run(sql`ATTACH ${file} AS asked`);
  try {
    for (const view of views)
      await duck.run(
        sql`CREATE TABLE asked.main.${identifier(view)} AS SELECT * FROM main.${identifier(view)}`,
      );
  } finally {
    await duck.run(sql`DETACH asked`);
  }
}

async function collect(
  duck: ReportDuck,
  locked: ReportDuck,
  query: string,
  rowLimit: number,
): Promise<Answer> {
  const answer = await locked.open({ text: query });
  const columns = toReportColumns(answer.columns);
  let cut = false;
  async function* rows(): AsyncGenerator<readonly Cell[]> {
    let count = 0;
    for await (const batch of answer.batches)
      for (const row of batch) {
        count += 1;
        cut = count > rowLimit;
        if (cut) return;
        yield toCells(row);
      }
  }
  await duck.table(
    'answer',
    columns.map(({ table }) => table),
    rows(),
  );
  return { columns: columns.map(({ report }) => report), rows: sql`SELECT * FROM main.answer`, cut };
}

function toCells(row: Row): Cell[] {
  return row.map((value) => (value instanceof Date ? value.getTime() : value));
}

/** What DuckDB says to a query is for the user who wrote it. */
function refusal(error: unknown): unknown {
  if (isAppError(error)) return error;
  const [first = ''] = String(error)
    .replace(/^Error: /, '')
    .split('\n');
  return new AppError('invalid_request', `The query failed: ${first}`, { cause: error });
}

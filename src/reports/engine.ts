import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { openBefore } from './before.ts';
import { chartsOf } from './charts.ts';
import { compareRuns } from './compare-runs.ts';
import { coverageOf, noDrivesCoverage } from './coverage.ts';
import { openDuck, type ReportDuck } from './data/duck.ts';
import { openViews } from './data/open-views.ts';
import type { ReportSources } from './data/sources.ts';
import { sql } from './data/sql.ts';
import { figuresOf, keepTotals, toFigures } from './figures.ts';
import { makeRows } from './make-rows.ts';
import { describeParameters, parseParameters } from './parameters.ts';
import { type Report, readsDrives, type WorkContext } from './report.ts';
import type { ReportResult } from './result.ts';
import { askUserQuery } from './sql/ask-user-query.ts';
import { watchLimits } from './watch-limits.ts';

export interface EngineDeps {
  readonly ports: Pick<Ports, 'clock'>;
  /** Where databases and what does not fit into memory are put; each run cleans up behind itself. */
  readonly tempDir: string;
  /** Of one DuckDB; a run has one, and a second one while a user's query is answered. */
  readonly memoryLimitMb: number;
}

export interface RunOptions {
  /** Ends the run; it throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds that the making may take; reading the rows afterwards does not count. */
  readonly timeLimitMs?: number;
}

export interface ReportEngine {
  /**
   * Makes a report. Throws `invalid_request` with `details.problems` when the parameters don't fit, and `invalid_request` when a
   * user's query is refused, takes too long or too much memory. The result holds a database until it is closed.
   */
  run(
    report: Report,
    parameters: unknown,
    sources: ReportSources,
    options?: RunOptions,
  ): Promise<ReportResult>;
}

const defaultTimeLimitMs = 10 * 60_000;

export function createReportEngine({ ports, tempDir, memoryLimitMb }: EngineDeps): ReportEngine {
  return {
    async run(report, parameters, sources, options = {}) {
      const input = parseParameters(report, parameters);
      const folder = path.join(tempDir, `report-${randomUUID()}`);
      await mkdir(folder, { recursive: true });
      const removeFolder = () => rm(folder, { recursive: true, force: true });
      const duck = await openDuck({ file: path.join(folder, 'report.duckdb'), folder, memoryLimitMb }).catch(
        async (error: unknown) => {
          await removeFolder();
          throw asAppError(error, report);
        },
      );
      const close = async () => {
        duck.close();
        await removeFolder();
      };
      const limits = watchLimits(duck, options.timeLimitMs ?? defaultTimeLimitMs, options.signal);
      try {
        await openViews(duck, sources);
        const { signal } = options;
        const context: WorkContext = {
          now: new Date(ports.clock()),
          ask: (query, given) =>
            askUserQuery(duck, query, { folder, memoryLimitMb, ...(signal ? { signal } : {}), ...given }),
        };
        const made = await make(duck, report, input, { sources, context });
        limits.check();
        return { ...made, close };
      } catch (error) {
        await close();
        throw limits.reason() ?? asAppError(error, report);
      } finally {
        limits.end();
      }
    },
  };
}

interface Making {
  readonly sources: ReportSources;
  readonly context: WorkContext;
}

async function make(
  duck: ReportDuck,
  report: Report,
  input: unknown,
  { sources, context }: Making,
): Promise<Omit<ReportResult, 'close'>> {
  const work = await report.work(input, context);
  await makeRows(duck, sql`main.result`, work);
  const totals = await figuresOf(duck, work);
  const again = (now: Date) => report.work(input, { ...context, now });
  const before = await openBefore(duck, { report, work, sources, again });
  await keepTotals(duck, [...(sources.history ?? []), { at: context.now.getTime(), totals }]);
  const [row = []] = await duck.rows(sql`SELECT count(*) FROM main.result`);

  return {
    name: report.name,
    title: report.title,
    summary: report.summary,
    generatedAt: context.now,
    parameters: describeParameters(report, input),
    columns: work.columns,
    rowCount: Number(row[0] ?? 0),
    label: work.columns.find(({ name }) => name === work.label)?.name,
    rows: () => duck.stream(sql`SELECT * FROM main.result`),
    keepRows: (file) =>
      duck.run(sql`COPY (SELECT * FROM main.result) TO ${file} (FORMAT parquet, COMPRESSION zstd)`),
    totals: toFigures(work, totals, before?.totals),
    sentences: work.sentences(
      Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, value ?? 0])),
    ),
    changes: before?.hasRows ? await compareRuns(duck, work) : undefined,
    coverage: readsDrives(report, input) ? coverageOf(sources.drives ?? []) : noDrivesCoverage,
    charts: await chartsOf(duck, work.charts),
    limits: [...(sources.notes ?? []), ...(report.limits ?? []), ...(work.limits ?? [])],
  };
}

function asAppError(error: unknown, { name }: Report): AppError {
  if (isAppError(error)) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new AppError('internal_error', `The report ${name} could not be made.`, { cause: error, detail });
}

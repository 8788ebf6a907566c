import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { summaryOf } from '../reports/deliver/summary.ts';
import { createReportEngine } from '../reports/engine.ts';
import { renderers } from '../reports/render/index.ts';
import type { Format, Renderer } from '../reports/render/renderer.ts';
import type { ReportResult } from '../reports/result.ts';
import { createInTurn } from '../storage/in-turn.ts';
import type { Row } from '../storage/table.ts';
import { askedOf } from './asked-of.ts';
import { orLate, unitMs } from './late-worker.ts';
import { onward } from './onward.ts';
import { openSources } from './open-sources.ts';
import type { Run, RunFile } from './run.ts';
import { historyBlob, summaryBlob } from './run-blobs.ts';
import type { RunDeps } from './run-deps.ts';
import { runResultOf } from './run-result.ts';
import { watchRun } from './watch-run.ts';

/** Of one DuckDB. A report has one, and sometimes a second one for a moment: with the process itself that stays below 512 MiB. */
const memoryLimitMb = 128;
/** Below the host's own limit of five minutes, with room for one rendering. */
const makingMs = 150_000;

/**
 * Makes the report and writes as many of its files as there is time for, at least one; the next unit makes it again, of the same sources
 * and for the same time, and writes the others. One at a time in a process, because each takes as much memory as there is.
 */
export function createMakeReport(): (deps: RunDeps, row: Row<Run>) => Promise<Row<Run>> {
  const inTurn = createInTurn();
  return (deps, row) => inTurn(() => makeReport(deps, row));
}

async function makeReport(deps: RunDeps, row: Row<Run>): Promise<Row<Run>> {
  const { rows, tempDir, ports } = deps;
  const run = row.value;
  const { report } = askedOf(run);
  const deadline = ports.clock() + unitMs;
  const at = run.startedAt ?? run.createdAt;
  const engine = createReportEngine({ ports: { clock: () => at }, tempDir, memoryLimitMb });
  const watched = watchRun(rows, row);
  const opened = await openSources(deps, run);
  try {
    const options = { timeLimitMs: makingMs, signal: watched.signal };
    const result = await engine.run(report, run.definition.parameters, opened.sources, options);
    try {
      const files = await writeFiles(deps, run, { result, deadline, signal: watched.signal });
      const over = files.length === run.definition.outputs.length;
      if (over) await finish(deps, run, result);
      const next = onward(run, over ? 'deliver' : 'report', ports.clock());
      return orLate(await rows.save(row, { ...next, files, result: runResultOf(result) }));
    } finally {
      await result.close();
    }
  } finally {
    watched.end();
    await opened.close();
  }
}

interface Writing {
  readonly result: ReportResult;
  readonly deadline: number;
  readonly signal: AbortSignal;
}

async function writeFiles(deps: RunDeps, run: Run, writing: Writing): Promise<RunFile[]> {
  const files = [...run.files];
  const begun = files.length;
  if (begun === 0) await keepRows(deps, run, writing.result);
  for (const format of run.definition.outputs) {
    if (files.some((file) => file.format === format)) continue;
    if (files.length > begun && deps.ports.clock() >= writing.deadline) break;
    files.push(await writeFile(deps, run, writing, format));
  }
  return files;
}

/** The name follows from the run, so that doing it again makes the same file. */
async function writeFile(deps: RunDeps, run: Run, writing: Writing, format: Format): Promise<RunFile> {
  const renderer: Renderer = renderers[format];
  const name = `${run.job}.${renderer.extension}`;
  const blob = `${run.job}/${run.id}/${name}`;
  const size = await write(deps, run, writing, renderer, blob);
  const rows = Math.min(writing.result.rowCount, renderer.rowLimit ?? Number.POSITIVE_INFINITY);
  return { format, name, blob, contentType: renderer.contentType, size, rows };
}

/** Bytes written. */
async function write(
  deps: RunDeps,
  run: Run,
  { result, signal }: Writing,
  renderer: Renderer,
  blob: string,
): Promise<number> {
  const meta = { tempDir: deps.tempDir, job: run.job, url: `${deps.publicUrl}/runs/${run.id}` };
  const pieces = Readable.from(untilAborted(renderer.render(result, meta), signal), { objectMode: false });
  return deps.blobs.putStream(blob, pieces, renderer.contentType);
}

/** What the next run is compared with lies apart from the files for people. */
async function keepRows({ tempDir, history }: RunDeps, run: Run, result: ReportResult): Promise<void> {
  const folder = await mkdtemp(path.join(tempDir, 'graph-valet-rows-'));
  const file = path.join(folder, 'rows.parquet');
  try {
    await result.keepRows(file);
    await history.putStream(historyBlob(run), createReadStream(file), renderers.parquet.contentType);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* untilAborted<T>(pieces: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}

/** From here on the next run is compared with this one. */
async function finish(deps: RunDeps, run: Run, result: ReportResult): Promise<void> {
  const summary = JSON.stringify(await summaryOf(result, { job: run.job }));
  await deps.blobs.put(summaryBlob(run), Buffer.from(summary), 'application/json; charset=utf-8');
  await deps.jobs.changeState(run.job, (old) => ({
    ...(old ?? { decidedUntil: run.createdAt }),
    lastReport: run.id,
  }));
}

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DriveRow, PastRun, ReportSources } from '../reports/data/sources.ts';
import { gatherTask } from './gather-task.ts';
import { orLate } from './late-worker.ts';
import type { Part, Run } from './run.ts';
import { historyBlob } from './run-blobs.ts';
import type { RunDeps } from './run-deps.ts';

export interface OpenSources {
  readonly sources: ReportSources;
  /** Removes the files again. */
  close(): Promise<void>;
}

const mostPastRuns = 200;

/** What the report of a run is made of, on this machine: inventories, what was gathered, and the runs before. */
export async function openSources(deps: RunDeps, run: Run): Promise<OpenSources> {
  const folder = await mkdtemp(path.join(deps.tempDir, 'graph-valet-run-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const client = await deps.graphFor(run.connectionId, 'reports');
    const task = await gatherTask(deps, run, client);
    const gathered = await deps.gathering.open(task, orLate(run.gathering));
    const parts = new Map((await deps.rows.parts(run.id)).map(({ value }) => [value.driveId, value]));
    const lastRun = await fetchLastRun(deps, run, path.join(folder, 'last-run.parquet'));
    return {
      sources: {
        ...gathered.sources,
        drives: (gathered.sources.drives ?? []).map((drive) => withOutcome(drive, parts)),
        history: await pastRuns(deps, run),
        ...(lastRun === undefined ? {} : { lastRun }),
      },
      async close() {
        await gathered.close();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** A drive whose contents the report does not ask for counts as read. */
function withOutcome(drive: DriveRow, parts: ReadonlyMap<string, Part>): DriveRow {
  return parts.get(drive.driveId)?.outcome === 'read' && drive.outcome !== 'read'
    ? { ...drive, outcome: 'read', reason: null }
    : drive;
}

/** The rows of the run before as a file; undefined when there is none any more. */
async function fetchLastRun(
  deps: RunDeps,
  { job, comparedWith }: Run,
  file: string,
): Promise<string | undefined> {
  if (comparedWith === undefined) return undefined;
  const stream = await deps.history.stream(historyBlob({ job, id: comparedWith }));
  if (!stream) return undefined;
  await pipeline(stream, createWriteStream(file));
  return file;
}

/** Totals of earlier runs that asked the same, oldest first. */
async function pastRuns({ rows }: RunDeps, run: Run): Promise<PastRun[]> {
  const runs = await rows.list(run.job, { limit: mostPastRuns });
  return runs
    .filter(({ id, subject, createdAt, result }) => {
      return id !== run.id && subject === run.subject && createdAt <= run.createdAt && result !== undefined;
    })
    .map(({ startedAt, createdAt, result }) => ({
      at: startedAt ?? createdAt,
      totals: result?.totals ?? {},
    }))
    .reverse();
}

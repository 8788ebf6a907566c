import type { Connections } from '../broker/connections.ts';
import { type Cost, estimateCost, type Workload } from '../graph/estimate.ts';
import type { Report } from '../reports/report.ts';
import { reportOf } from './check-definition.ts';
import type { JobDefinition } from './job.ts';
import type { JobRows } from './job-rows.ts';
import type { Run } from './run.ts';
import type { RunRows } from './run-rows.ts';
import { subjectOf } from './subject.ts';

/** What a run would cost, as far as that is known. */
export interface JobEstimate extends Cost {
  /** Of the last run; undefined when there was none. */
  readonly drives?: number | undefined;
  readonly items?: number | undefined;
}

/** Versions are read of so many files. */
const versionsOf = 500;
/** What asking one item for its permissions costs. */
const unitsOfItem = 5;

/**
 * Before the first run nothing is known but the least that it can be. After that: what changes of the drives cost, and what the last run spent
 * on the rest.
 */
export function createEstimate(deps: {
  readonly jobs: JobRows;
  readonly rows: RunRows;
  readonly connections: Pick<Connections, 'get'>;
}): (job: { readonly name?: string; readonly definition: JobDefinition }) => Promise<JobEstimate> {
  const { jobs, rows, connections } = deps;

  /** The newest run that asked the same and made its report. */
  async function lastOf(name: string | undefined, definition: JobDefinition): Promise<Run | undefined> {
    const id = name === undefined ? undefined : (await jobs.state(name))?.lastReport;
    const run = id === undefined ? undefined : (await rows.get(id))?.value;
    const connection = await connections.get(definition.connection);
    return run && connection && run.subject === subjectOf(definition, connection.id) ? run : undefined;
  }

  return async ({ name, definition }) => {
    const last = await lastOf(name, definition);
    if (!last) return estimateCost(firstTime(definition, reportOf(definition.report)));
    const { drives, read } = readOf(last);
    return {
      ...estimateCost(again(definition, last)),
      drives,
      ...(read > 0 ? { items: last.progress.items } : {}),
    };
  };
}

function firstTime({ target, outputs, deliveries }: JobDefinition, report: Report | undefined): Workload {
  const drives = deliveries.filter(({ kind }) => kind === 'drive').length;
  return {
    drives: [{}],
    lookedFor: target.kind === 'drive' || target.kind === 'user' ? 1 : 2,
    ...(report?.reads.includes('versions') ? { versionsOf } : {}),
    uploads: drives * outputs.length,
  };
}

function again({ target, deliveries }: JobDefinition, run: Run): Workload {
  const { drives, read } = readOf(run);
  const bytes = run.files.reduce((sum, { size }) => sum + size, 0);
  const one = target.kind === 'drive' || target.kind === 'user';
  return {
    // Each goes on where its feed ended, however many items it has.
    drives: Array.from({ length: read }, () => ({ items: 0, goesOn: true })),
    lookedFor: one ? 1 : drives,
    sharedItems: Math.round((run.spentGathering ?? 0) / unitsOfItem),
    uploads: bytes * deliveries.filter(({ kind }) => kind === 'drive').length,
  };
}

/** Drives that a run found, and those whose contents it read: a report on people reads none. */
function readOf({ result, drives = 0, progress }: Run): { drives: number; read: number } {
  return { drives, read: progress.pages > 0 ? (result?.coverage.read ?? 0) : 0 };
}

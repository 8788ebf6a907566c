import { z } from 'zod';
import { snapshot } from '../inventory/drive-state.ts';
import { gatherState } from '../reports/gather/gather-state.ts';
import { plannedDrive } from '../reports/gather/planned-drive.ts';
import { formats } from '../reports/render/renderer.ts';
import { storedDefinition } from './job.ts';

export const runStates = ['waiting', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;
export type RunState = (typeof runStates)[number];

/** What a run does now; it only moves forward. */
export const runSteps = ['plan', 'crawl', 'gather', 'report', 'deliver', 'done'] as const;
export type RunStep = (typeof runSteps)[number];

export const runError = z.object({ code: z.string(), message: z.string() });
export type RunError = z.infer<typeof runError>;

/** A file that the run made, in the container `reports`. */
export const runFile = z.object({
  format: z.enum(formats).default('csv'),
  /** `finance-inventory.csv` */
  name: z.string(),
  blob: z.string(),
  contentType: z.string(),
  /** Bytes. */
  size: z.number(),
  rows: z.number(),
});
export type RunFile = z.infer<typeof runFile>;

export const progress = z.object({
  items: z.number(),
  pages: z.number(),
  /** Calls of Graph. */
  calls: z.number(),
  /** Resource units that they cost. */
  units: z.number().default(0),
});
export type Progress = Readonly<z.infer<typeof progress>>;

/** What a run came to, for people and for the next run. */
export const runResult = z.object({
  title: z.string(),
  rows: z.number(),
  /** Figures of the whole report: charts over time are made of them. */
  totals: z.record(z.string(), z.number().nullable()),
  figures: z.array(
    z.object({
      title: z.string(),
      unit: z.string(),
      value: z.number().nullable(),
      before: z.number().nullish(),
    }),
  ),
  sentences: z.array(z.string()),
  /** One line on what differs from the last run; absent when there was none. */
  changes: z.string().optional(),
  coverage: z.object({
    drives: z.number(),
    read: z.number(),
    denied: z.number(),
    skipped: z.number(),
    line: z.string(),
    /** Some of the drives that were not read, and why. */
    missing: z.array(z.object({ drive: z.string(), outcome: z.string(), reason: z.string() })),
  }),
});
export type RunResult = Readonly<z.infer<typeof runResult>>;

/** One execution of a job: table `runs`, partition = name of the job, newest first. */
export const run = z.object({
  /** `finance-inventory.7980…`: the job's name and the row's key. */
  id: z.string(),
  job: z.string(),
  /** The definition as it was when the run began: what is saved later counts for the next run. */
  definition: storedDefinition,
  connectionId: z.string(),
  trigger: z.enum(['schedule', 'person']),
  /** Object id of the person who started it. */
  startedBy: z.string().optional(),
  /** Id of the failed or cancelled run that it does again. */
  retryOf: z.string().optional(),
  /** Id of the run whose end it waits for. */
  waitsFor: z.string().optional(),
  /** Id of the last run that asked the same: what it is compared with. */
  comparedWith: z.string().optional(),
  /** Tells runs that ask the same from others: of report, parameters, target and connection. */
  subject: z.string().default(''),
  dueAt: z.number().optional(),
  createdAt: z.number(),
  startedAt: z.number().optional(),
  finishedAt: z.number().optional(),
  state: z.enum(runStates),
  step: z.enum(runSteps),
  /** Grows with each unit of work of the run itself: a message with another number is stale. */
  sequence: z.number().int(),
  /** Failures of the present unit in a row. */
  attempts: z.number().int(),
  /** When a unit last got somewhere; a run that is silent for long is taken up again. */
  heartbeatAt: z.number(),
  error: runError.optional(),
  /** Of the whole run: kept up by the steps after the crawl, before that the parts are added up. */
  progress,
  /** Where the list of drives goes on while it is planned. */
  planCursor: z.string().optional(),
  /** Drives that the plan found. */
  drives: z.number().optional(),
  /** How far the gathering is. */
  gathering: gatherState.optional(),
  /** Resource units that the gathering took: the next one will take about as many. */
  spentGathering: z.number().optional(),
  files: z.array(runFile),
  result: runResult.optional(),
  /** When each step began, in milliseconds since 1970. */
  steps: z.partialRecord(z.enum(runSteps), z.number()).default({}),
});
export type Run = Readonly<z.infer<typeof run>>;

/** One drive of a run: table `runs`, partition = id of the run. */
export const part = z.object({
  number: z.number().int(),
  driveId: z.string(),
  name: z.string(),
  outcome: z.enum(['open', 'read', 'denied', 'failed', 'skipped']),
  reason: z.string().optional(),
  /** What the plan found out about it. */
  drive: plannedDrive.optional(),
  sequence: z.number().int(),
  attempts: z.number().int(),
  heartbeatAt: z.number(),
  progress,
  /** About the part of it that was read (0 to 1), where that can be known. */
  share: z.number().optional(),
  snapshot: snapshot.optional(),
});
export type Part = Readonly<z.infer<typeof part>>;

export const noProgress: Progress = { items: 0, pages: 0, calls: 0, units: 0 };

/** Row keys descend in time, so that a list begins with the newest. */
export function descending(milliseconds: number): string {
  return String(9_999_999_999_999 - milliseconds).padStart(13, '0');
}

export function runId(job: string, row: string): string {
  return `${job}.${row}`;
}

/** The keys of a run's row; undefined for what is no id of a run. */
export function runKeys(id: string): { job: string; row: string } | undefined {
  const match = /^([a-z0-9-]{1,63})\.([0-9]{13}[a-z0-9]{1,24})$/.exec(id);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { job: match[1], row: match[2] };
}

export function isOver(state: RunState): boolean {
  return state !== 'waiting' && state !== 'running';
}

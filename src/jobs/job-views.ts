import type { Connections } from '../broker/connections.ts';
import { deliveryKind } from '../reports/deliver/index.ts';
import { targetText } from '../reports/gather/target.ts';
import type { JobEstimate } from './estimate.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import type { OccurrenceReason } from './occurrence.ts';
import { type RunView, runViews } from './run-views.ts';
import { nextDue } from './schedule.ts';

/** A job as the console shows it: plain data, times in milliseconds, texts unescaped. */
export interface JobView {
  readonly name: string;
  readonly report: string;
  readonly target: string;
  readonly connection: string;
  readonly outputs: readonly string[];
  /** Where the files go, in words. */
  readonly delivery: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly nextDueAt?: number | undefined;
  /** What the next run will cost. */
  readonly estimate?: JobEstimate | undefined;
  /** Due times that came to no run, newest first. */
  readonly notRun: readonly { readonly dueAt: number; readonly reason: OccurrenceReason }[];
  readonly runs: readonly RunView[];
}

const shownRuns = 5;
const shownOccurrences = 10;
const shownNotRun = 3;

export interface JobViewsDeps {
  readonly jobs: Pick<Jobs, 'list' | 'runs' | 'occurrences' | 'estimate'>;
  readonly connections: Pick<Connections, 'lookUp'>;
  readonly clock: () => number;
}

/** The jobs that are shown with their newest runs, by name. */
export async function jobViews(
  deps: JobViewsDeps,
  isShown: (job: Job) => boolean = () => true,
): Promise<JobView[]> {
  const shown = (await deps.jobs.list()).filter(isShown);
  return Promise.all(shown.map((job) => toJobView(deps, job)));
}

async function toJobView({ jobs, connections, clock }: JobViewsDeps, job: Job): Promise<JobView> {
  const { name, definition } = job;
  const { schedule, deliveries } = definition;
  const [connection, runs, occurrences, estimate] = await Promise.all([
    connections.lookUp(definition.connection),
    jobs.runs.list(name, { limit: shownRuns }),
    jobs.occurrences(name, { limit: shownOccurrences }),
    jobs.estimate(name).catch(() => undefined),
  ]);
  return {
    name,
    report: definition.report,
    target: targetText(definition.target),
    connection: connection?.alias ?? definition.connection,
    outputs: definition.outputs,
    delivery:
      deliveries.map((each) => deliveryKind(each).words(each)).join('; ') || 'nowhere: its files wait here',
    schedule: schedule.cron,
    timeZone: schedule.timeZone,
    enabled: definition.enabled,
    nextDueAt: definition.enabled ? nextDue(schedule, clock()) : undefined,
    estimate,
    notRun: occurrences
      .flatMap(({ dueAt, reason }) => (reason === undefined ? [] : [{ dueAt, reason }]))
      .slice(0, shownNotRun),
    runs: await runViews(jobs.runs, runs, clock()),
  };
}

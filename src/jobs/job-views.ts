import type { Connections } from '../broker/connections.ts';
import type { Job, JobDefinition } from './job.ts';
import type { Jobs } from './jobs.ts';
import type { Run, RunStep } from './run.ts';
import { nextDue } from './schedule.ts';

/** A job as the console shows it: plain data, times in milliseconds, texts unescaped. */
export interface JobView {
  readonly name: string;
  readonly report: string;
  readonly target: string;
  readonly connection: string;
  readonly delivery: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly nextDueAt?: number | undefined;
  readonly runs: readonly RunView[];
}

export interface RunView {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'skipped';
  readonly step?: string | undefined;
  readonly trigger: 'schedule' | 'person';
  readonly dueAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly progress: { readonly items: number; readonly pages: number; readonly calls: number };
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly file?:
    | {
        readonly name: string;
        readonly href?: string | undefined;
        readonly size: number;
        readonly rows: number;
      }
    | undefined;
}

const shownRuns = 5;

const stepWords: Readonly<Record<RunStep, string | undefined>> = {
  plan: 'finding the drives',
  crawl: 'reading the drive',
  report: 'writing the report',
  deliver: 'delivering',
  done: undefined,
};

/** Every job with its newest runs, by name. */
export async function jobViews(deps: {
  readonly jobs: Pick<Jobs, 'list' | 'runs'>;
  readonly connections: Pick<Connections, 'lookUp'>;
  readonly clock: () => number;
}): Promise<JobView[]> {
  const { jobs, connections, clock } = deps;
  const toJobView = async ({ name, definition }: Job): Promise<JobView> => {
    const connection = await connections.lookUp(definition.connection);
    const runs = await jobs.runs.list(name, { limit: shownRuns });
    return {
      name,
      report: definition.report,
      target: targetWords(definition),
      connection: connection?.alias ?? definition.connection,
      delivery: `${definition.delivery.folder} in the drive ${definition.delivery.driveId}`,
      schedule: definition.schedule.cron,
      timeZone: definition.schedule.timeZone,
      enabled: definition.enabled,
      nextDueAt: definition.enabled ? nextDue(definition.schedule, clock()) : undefined,
      runs: runs.map(toRunView),
    };
  };
  return Promise.all((await jobs.list()).map(toJobView));
}

function targetWords({ target }: JobDefinition): string {
  return `the drive ${target.driveId}`;
}

function toRunView(run: Run): RunView {
  const file = run.files[0];
  return {
    id: run.id,
    state: run.state === 'cancelled' ? 'skipped' : run.state,
    step: run.state === 'cancelled' ? 'cancelled' : stepWords[run.step],
    trigger: run.trigger,
    dueAt: run.dueAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    progress: run.progress,
    error: run.error,
    file: file && { name: file.name, href: file.webUrl, size: file.size, rows: file.rows },
  };
}

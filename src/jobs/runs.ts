import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Deliveries } from './deliveries/deliveries.ts';
import type { Delivery } from './deliveries/delivery-row.ts';
import type { Job } from './job.ts';
import type { JobRows } from './job-rows.ts';
import { addUp } from './progress.ts';
import { isOver, type Part, type Run, type RunState, runKeys } from './run.ts';
import type { RunRows } from './run-rows.ts';
import type { StartRun } from './start-run.ts';
import type { Turns } from './turns.ts';

/** The runs of all jobs, and what a person can do about one. */
export interface Runs {
  /** With the progress of this moment. */
  get(id: string): Promise<Run | undefined>;
  /** Of one job, newest first; `from` is the last key of the page before. */
  list(job: string, page?: { limit?: number; from?: string }): Promise<Run[]>;
  /** Of several jobs, newest first, behind the run `after` where it is given. */
  recent(jobs: readonly string[], page: RecentPage): Promise<Run[]>;
  /** Its drives, in the order of the plan. */
  drives(id: string): Promise<Part[]>;
  deliveries(id: string): Promise<Delivery[]>;
  /** Throws `not_found`, or `conflict` when the run is over. */
  cancel(id: string): Promise<Run>;
  cancelIfActive(id: string, why: string): Promise<void>;
  /** Does a failed or cancelled run again, as its job is now. Throws `not_found` or `conflict`. */
  retry(id: string, person: string): Promise<Run>;
  /** Throws `not_found`, `conflict` unless it has failed, `gone` when the files were removed. */
  retryDelivery(id: string, number: number): Promise<Delivery>;
}

export interface RecentPage {
  readonly limit: number;
  /** Id of the last run of the page before. */
  readonly after?: string | undefined;
  readonly state?: RunState | undefined;
}

/** So many runs of each job are looked through for those of a state. */
const mostLookedAt = 500;

export function createRuns(deps: {
  readonly jobs: JobRows;
  readonly rows: RunRows;
  readonly deliveries: Deliveries;
  readonly turns: Turns;
  readonly startRun: StartRun;
  readonly ports: Pick<Ports, 'clock'>;
}): Runs {
  const { jobs, rows, deliveries, turns } = deps;

  async function live(run: Run): Promise<Run> {
    if (run.step !== 'crawl' || isOver(run.state)) return run;
    const parts = (await rows.parts(run.id)).map((row) => row.value);
    return { ...run, progress: addUp(run.progress, parts) };
  }

  async function known(id: string): Promise<Run> {
    const row = await rows.get(id);
    if (!row) throw new AppError('not_found', 'There is no such run.');
    return row.value;
  }

  async function jobOf({ job }: Run): Promise<Job> {
    const row = await jobs.get(job);
    if (!row) throw new AppError('conflict', `The job ${job} was removed: nothing runs for it any more.`);
    return row.value;
  }

  async function cancel(id: string, why: string): Promise<Run> {
    const run = await turns.cancel(id, why);
    if (run.step === 'deliver') await deliveries.cancel(id);
    return run;
  }

  return {
    async get(id) {
      const row = await rows.get(id);
      return row && live(row.value);
    },

    async list(job, page) {
      return Promise.all((await rows.list(job, page)).map(live));
    },

    async recent(names, { limit, after, state }) {
      const last = after === undefined ? undefined : runKeys(after);
      const page = {
        limit: state === undefined ? limit + 1 : mostLookedAt,
        ...(last ? { from: last.row } : {}),
      };
      const found = (await Promise.all(names.map((name) => rows.list(name, page)))).flat();
      const newest = found
        .filter((run) => state === undefined || run.state === state)
        .map((run) => ({ run, place: placeOf(run.id) }))
        .filter(({ place }) => after === undefined || place > placeOf(after))
        .sort((one, other) => (one.place < other.place ? -1 : 1));
      return Promise.all(newest.slice(0, limit).map(({ run }) => live(run)));
    },

    drives: async (id) => (await rows.parts(id)).map(({ value }) => value),
    deliveries: (id) => deliveries.of(id),
    cancel: (id) => cancel(id, 'A person cancelled it.'),

    async cancelIfActive(id, why) {
      try {
        await cancel(id, why);
      } catch (error) {
        if (!isAppError(error, 'conflict') && !isAppError(error, 'not_found')) throw error;
      }
    },

    async retry(id, person) {
      const run = await known(id);
      if (run.state !== 'failed' && run.state !== 'cancelled') {
        throw new AppError(
          'conflict',
          `Only a failed or cancelled run is done again; this one is ${run.state}.`,
        );
      }
      const job = await jobOf(run);
      const state = await jobs.state(job.name);
      const busy = await turns.active(state);
      if (busy) {
        throw new AppError('conflict', `A run of ${job.name} is on its way. Wait for its end.`, {
          details: { run: busy.id },
        });
      }
      const turn = { kind: 'start', since: state?.lastRun } as const;
      return turns.take(job, turn, { trigger: 'person', person, retryOf: id });
    },

    async retryDelivery(id, number) {
      await known(id);
      return deliveries.retry(id, number);
    },
  };
}

/** Where a run stands among those of all jobs: newest first, those of one time by the names of their jobs. */
function placeOf(id: string): string {
  const keys = runKeys(id);
  return keys ? `${keys.row} ${keys.job}` : '';
}

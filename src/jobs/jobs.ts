import type { Connections } from '../broker/connections.ts';
import { AppError } from '../errors.ts';
import type { GraphFor } from '../graph/graph-client.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Ports } from '../ports.ts';
import { createUploadSessions } from '../reports/deliver/upload-session.ts';
import type { Storage } from '../storage/storage.ts';
import { createFollowSchedules } from './follow-schedules.ts';
import type { Job, JobDefinition } from './job.ts';
import { createJobRows } from './job-rows.ts';
import { addUp } from './progress.ts';
import { isOver, type Run } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import { runMessage } from './run-message.ts';
import { createRunRows } from './run-rows.ts';
import { createRunWorker } from './run-worker.ts';
import { createStartRun } from './start-run.ts';

export interface Jobs {
  /** Makes or changes a job. Throws `invalid_request` with `details.problems` when the connection is unknown. */
  put(name: string, definition: JobDefinition, owner: string): Promise<{ job: Job; created: boolean }>;
  get(name: string): Promise<Job | undefined>;
  /** By name. */
  list(): Promise<Job[]>;
  /** False when there was none. Its past runs stay until they expire. */
  remove(name: string): Promise<boolean>;
  /** Runs the job now. Throws `not_found`, or `conflict` with `details.run` while a run of it is on its way. */
  start(name: string, person: string): Promise<Run>;
  readonly runs: {
    /** With the progress of this moment. */
    get(id: string): Promise<Run | undefined>;
    /** Of one job, newest first; `from` is the last key of the page before. */
    list(job: string, page?: { limit?: number; from?: string }): Promise<Run[]>;
  };
  /** Once a minute, by a timer. */
  tick(): Promise<void>;
  /** One message of queue `runs`. */
  work(message: unknown): Promise<void>;
}

export interface JobsDeps {
  readonly storage: Pick<Storage, 'table' | 'sealedTable' | 'queue' | 'blobs'>;
  readonly inventory: Inventory;
  readonly graphFor: GraphFor;
  readonly connections: Pick<Connections, 'get'>;
  readonly ports: Ports;
}

export function createJobs({ storage, inventory, graphFor, connections, ports }: JobsDeps): Jobs {
  const jobs = createJobRows(storage);
  const rows = createRunRows(storage);
  const queue = storage.queue('runs', runMessage);
  const blobs = storage.blobs('reports');
  const sessions = createUploadSessions(storage, ports.clock);
  const deps: RunDeps = { rows, queue, inventory, graphFor, connections, blobs, sessions, ports };
  const worker = createRunWorker(deps);
  const startRun = createStartRun(deps, worker);

  async function live(run: Run): Promise<Run> {
    if (run.step !== 'crawl' || isOver(run.state)) return run;
    const parts = (await rows.parts(run.id)).map((row) => row.value);
    return { ...run, progress: addUp(run.progress, parts) };
  }

  async function activeRun(name: string): Promise<Run | undefined> {
    const lastRun = (await jobs.state(name))?.value.lastRun;
    const run = lastRun === undefined ? undefined : (await rows.get(lastRun))?.value;
    return run && !isOver(run.state) ? run : undefined;
  }

  return {
    async put(name, definition, owner) {
      if (!(await connections.get(definition.connection))) {
        const problems = [{ path: 'connection', message: 'names no connection' }];
        throw new AppError('invalid_request', 'The job names a connection that does not exist.', {
          details: { problems },
        });
      }
      const old = (await jobs.get(name))?.value;
      const now = ports.clock();
      const job: Job = { name, definition, owner, createdAt: old?.createdAt ?? now, changedAt: now };
      await jobs.save(job);
      // A new schedule counts from now on: what it would have meant in the past was never due.
      const state = (await jobs.state(name))?.value;
      if (JSON.stringify(old?.definition.schedule) !== JSON.stringify(definition.schedule) || !state) {
        await jobs.saveState(name, { ...state, decidedUntil: now });
      }
      return { job, created: old === undefined };
    },

    get: async (name) => (await jobs.get(name))?.value,
    list: () => jobs.list(),
    remove: (name) => jobs.remove(name),

    async start(name, person) {
      const job = (await jobs.get(name))?.value;
      if (!job) throw new AppError('not_found', `There is no job ${name}.`);
      const active = await activeRun(name);
      if (active) {
        throw new AppError('conflict', `A run of ${name} is on its way. Wait for its end.`, {
          details: { run: active.id },
        });
      }
      const run = await startRun(job, { trigger: 'person', person });
      const state = (await jobs.state(name))?.value ?? { decidedUntil: job.createdAt };
      await jobs.saveState(name, { ...state, lastRun: run.id });
      return run;
    },

    runs: {
      async get(id) {
        const row = await rows.get(id);
        return row && live(row.value);
      },
      async list(job, page) {
        return Promise.all((await rows.list(job, page)).map(live));
      },
    },

    tick: createFollowSchedules({ jobs, rows, worker, startRun, ports }),
    work: async (message) => worker.work(queue.parse(message)),
  };
}

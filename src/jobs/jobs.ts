import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import type { Connections } from '../broker/connections.ts';
import { AppError } from '../errors.ts';
import type { GraphFor } from '../graph/graph-client.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Post } from '../outbound/post.ts';
import type { Ports } from '../ports.ts';
import { createUploadSessions } from '../reports/deliver/upload-session.ts';
import type { Gathering } from '../reports/gather/gathering.ts';
import { createRetention } from '../reports/retention.ts';
import type { Storage } from '../storage/storage.ts';
import { checkDefinition, type JobOwner, type Problem, warningsOf } from './check-definition.ts';
import { deliveriesOver } from './deliver-run.ts';
import { createDeliveries } from './deliveries/deliveries.ts';
import { createEstimate, type JobEstimate } from './estimate.ts';
import { createFollowSchedules } from './follow-schedules.ts';
import type { Job, JobDefinition } from './job.ts';
import { createJobRows } from './job-rows.ts';
import type { Occurrence } from './occurrence.ts';
import type { Run } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import { runMessage } from './run-message.ts';
import { createRunRows } from './run-rows.ts';
import { createRunWorker } from './run-worker.ts';
import { createRuns, type Runs } from './runs.ts';
import { createStartRun } from './start-run.ts';
import { createTurns } from './turns.ts';
import { createWhy } from './why.ts';
import type { Why } from './why-answer.ts';

export interface Jobs {
  /** The definition with its defaults. Throws as `put` does. */
  check(definition: unknown, by: JobOwner): Promise<JobDefinition>;
  /** Makes or changes a job. Throws `invalid_request` with `details.problems`, all of them, where the definition is not right. */
  put(name: string, definition: unknown, by: JobOwner): Promise<{ job: Job; created: boolean }>;
  get(name: string): Promise<Job | undefined>;
  /** What a job works without, and tells less for it. */
  warnings(job: Job): Promise<Problem[]>;
  /** Of a job that was removed, while its past is known. */
  removed(name: string): Promise<Job | undefined>;
  /** By name. */
  list(): Promise<Job[]>;
  /** False when there was none. Its past runs stay until they expire; one on its way is cancelled. */
  remove(name: string): Promise<boolean>;
  /** Runs the job now. Throws `not_found`, or `conflict` with `details.run` where its overlap policy lets no run begin. */
  start(name: string, person: string): Promise<Run>;
  /** What a run would cost now. Throws `not_found`. */
  estimate(name: string): Promise<JobEstimate>;
  /** What a run of a definition that is not saved would cost; throws as `put` does. */
  estimateOf(definition: unknown, by: JobOwner): Promise<JobEstimate>;
  readonly why: (name: string, at: number) => Promise<Why>;
  /** What became of its due times, newest first, from `before` (ms) backwards. */
  occurrences(name: string, page: { limit: number; before?: number }): Promise<Occurrence[]>;
  readonly runs: Runs;
  /** Bytes of a file of a run. Throws `not_found` once it was removed. */
  read(blob: string, offset: number, length: number): Promise<Buffer>;
  /** All of it, in pieces; undefined once it was removed. */
  stream(blob: string): Promise<Readable | undefined>;
  /** Once a minute, by a timer. */
  tick(): Promise<void>;
  /** One message of queue `runs`. */
  work(message: unknown): Promise<void>;
  /** One message of queue `deliveries`. */
  deliver(message: unknown): Promise<void>;
  /** Removes files of reports whose time is over; gives how many. */
  sweep(): Promise<number>;
}

export interface JobsDeps {
  readonly storage: Pick<Storage, 'table' | 'sealedTable' | 'queue' | 'blobs'>;
  readonly inventory: Inventory;
  readonly gathering: Gathering;
  readonly graphFor: GraphFor;
  readonly connections: Pick<Connections, 'get'>;
  /** The value of a secret that an administrator stored; undefined when there is none. */
  secret(name: string): Promise<string | undefined>;
  readonly post: Post;
  readonly publicUrl: string;
  readonly ports: Ports;
  /** For files that are being worked on; the system's folder for such things unless given. */
  readonly tempDir?: string;
}

export function createJobs(given: JobsDeps): Jobs {
  const { storage, connections, ports } = given;
  const jobs = createJobRows(storage);
  const rows = createRunRows(storage);
  const queue = storage.queue('runs', runMessage);
  const blobs = storage.blobs('reports');
  const history = storage.blobs('history');
  const deliveries = createDeliveries({
    ...given,
    sessions: createUploadSessions(storage, ports.clock),
    over: (run, all) => deliveriesOver(deps, run, all),
  });
  const deps: RunDeps = {
    ...{ tempDir: tmpdir(), ...given },
    ...{ jobs, rows, queue, deliveries, blobs, history },
    onOver: (run) => turns.next(run.job),
  };
  const worker = createRunWorker(deps);
  const startRun = createStartRun(deps, worker);
  const turns = createTurns({ jobs, rows, worker, startRun, ports });
  const runs = createRuns({ jobs, rows, deliveries, turns, startRun, ports });
  const estimate = createEstimate({ jobs, rows, connections });

  async function known(name: string): Promise<Job> {
    const job = (await jobs.get(name))?.value;
    if (!job) throw new AppError('not_found', `There is no job ${name}.`);
    return job;
  }

  const check: Jobs['check'] = (definition, by) => checkDefinition(definition, connections, by);

  return {
    check,

    async put(name, definition, by) {
      const checked = await check(definition, by);
      const old = (await jobs.get(name))?.value;
      const now = ports.clock();
      const job: Job = {
        name,
        definition: checked,
        owner: old?.owner ?? by.objectId,
        createdAt: old?.createdAt ?? now,
        changedAt: now,
      };
      await jobs.save(job);
      // A new schedule counts from now on: what it would have meant in the past was never due.
      if (!old || dueKey(old) !== dueKey(job)) {
        await jobs.changeState(name, (state) => ({ ...state, decidedUntil: now, scheduleSince: now }));
      }
      return { job, created: old === undefined };
    },

    get: async (name) => (await jobs.get(name))?.value,
    async warnings({ definition }) {
      const connection = await connections.get(definition.connection);
      return connection ? warningsOf(definition, connection) : [];
    },
    removed: (name) => jobs.removed(name),
    list: () => jobs.list(),

    async remove(name) {
      const state = await jobs.state(name);
      for (const id of [state?.queued, state?.lastRun]) {
        if (id !== undefined) await runs.cancelIfActive(id, 'The job was removed.');
      }
      return jobs.remove(name, ports.clock());
    },

    async start(name, person) {
      const job = await known(name);
      const state = await jobs.state(name);
      const turn = await turns.judge(job, state, await turns.active(state));
      if (turn.kind !== 'start' && turn.kind !== 'queue') {
        const next =
          turn.kind === 'still_running' ? 'Wait for its end.' : 'Another one waits for its end already.';
        throw new AppError('conflict', `A run of ${name} is on its way. ${next}`, {
          details: { run: turn.busy.id },
        });
      }
      return turns.take(job, turn, { trigger: 'person', person });
    },

    estimate: async (name) => estimate(await known(name)),
    estimateOf: async (definition, by) => estimate({ definition: await check(definition, by) }),
    why: createWhy({ jobs, rows, clock: ports.clock }),
    occurrences: (name, page) => jobs.occurrences(name, page),
    runs,
    read: blobs.range,
    stream: blobs.stream,
    tick: createFollowSchedules({ jobs, rows, worker, turns, connections, ports }),
    work: async (message) => worker.work(queue.parse(message)),
    deliver: (message) => deliveries.work(message),
    sweep: createRetention({
      ...{ reports: blobs, history, clock: ports.clock },
      keepDays: async (name) => (await jobs.get(name))?.value.definition.keepDays,
    }),
  };
}

/** What of a schedule says when it is due. */
function dueKey({ definition: { schedule } }: Job): string {
  return `${schedule.cron} ${schedule.timeZone}`;
}

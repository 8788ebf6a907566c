import { isAppError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { type Job, type JobState, job, jobState } from './job.ts';
import { type Occurrence, occurrence, occurrenceKeptForMs } from './occurrence.ts';
import { descending } from './run.ts';

/** The rows of jobs, of how far their schedules were followed, and of what became of each due time. */
export interface JobRows {
  get(name: string): Promise<Row<Job> | undefined>;
  list(): Promise<Job[]>;
  save(value: Job): Promise<void>;
  /** What a removed job was, while its past is still known. */
  removed(name: string): Promise<Job | undefined>;
  remove(name: string, at: number): Promise<boolean>;
  state(name: string): Promise<JobState | undefined>;
  /** Replaces the state by what `change` makes of it, again when somebody else was faster. */
  changeState(name: string, change: (old: JobState | undefined) => JobState): Promise<JobState>;
  /** Decides a due time; gives what was decided first, when somebody else was faster. */
  decide(value: Occurrence): Promise<Occurrence>;
  occurrence(name: string, dueAt: number): Promise<Occurrence | undefined>;
  /** Newest first, from `before` (ms) backwards. */
  occurrences(name: string, page: { limit: number; before?: number }): Promise<Occurrence[]>;
}

const mostTries = 10;

export function createJobRows(storage: Pick<Storage, 'table'>): JobRows {
  const jobs = storage.table<Job>({
    name: 'jobs',
    schema: job,
    expiresAt: ({ removedAt }) =>
      removedAt === undefined ? undefined : Math.ceil((removedAt + occurrenceKeptForMs) / 1000),
  });
  const states = storage.table<JobState>({ name: 'jobs', schema: jobState });
  const occurrences = storage.table<Occurrence>({
    name: 'occurrences',
    schema: occurrence,
    expiresAt: (value) => Math.ceil((value.dueAt + occurrenceKeptForMs) / 1000),
  });

  async function tryState(name: string, change: (old: JobState | undefined) => JobState) {
    const old = await states.get('state', name);
    const value = change(old?.value);
    if (old) await states.replace(old, value);
    else await states.insert('state', name, value);
    return value;
  }

  return {
    get: (name) => jobs.get('job', name),

    async list() {
      const found: Job[] = [];
      for await (const row of jobs.list({ partition: 'job' })) found.push(row.value);
      return found;
    },

    async save(value) {
      await jobs.upsert('job', value.name, value);
    },

    removed: async (name) => (await jobs.get('removed', name))?.value,

    async remove(name, at) {
      const row = await jobs.get('job', name);
      if (row) await jobs.upsert('removed', name, { ...row.value, removedAt: at });
      await states.remove('state', name);
      return jobs.remove('job', name);
    },

    state: async (name) => (await states.get('state', name))?.value,

    async changeState(name, change) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await tryState(name, change);
        } catch (error) {
          const codes = ['conflict', 'precondition_failed', 'not_found'] as const;
          if (attempt >= mostTries || !codes.some((code) => isAppError(error, code))) throw error;
        }
      }
    },

    async decide(value) {
      const row = descending(value.dueAt);
      try {
        return (await occurrences.insert(value.job, row, value)).value;
      } catch (error) {
        const first = isAppError(error, 'conflict') ? await occurrences.get(value.job, row) : undefined;
        if (first) return first.value;
        throw error;
      }
    },

    occurrence: async (name, dueAt) => (await occurrences.get(name, descending(dueAt)))?.value,

    async occurrences(name, { limit, before }) {
      const found: Occurrence[] = [];
      const from = before === undefined ? {} : { from: descending(before - 1) };
      for await (const row of occurrences.list({ partition: name, limit, ...from })) found.push(row.value);
      return found;
    },
  };
}

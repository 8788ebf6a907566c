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
  remove(name: string): Promise<boolean>;
  state(name: string): Promise<Row<JobState> | undefined>;
  saveState(name: string, value: JobState): Promise<void>;
  /** Decides a due time; gives what was decided first, when somebody else was faster. */
  decide(value: Occurrence): Promise<Occurrence>;
  /** Newest first, from `before` (ms) backwards. */
  occurrences(name: string, page: { limit: number; before?: number }): Promise<Occurrence[]>;
}

export function createJobRows(storage: Pick<Storage, 'table'>): JobRows {
  const jobs = storage.table<Job>({ name: 'jobs', schema: job });
  const states = storage.table<JobState>({ name: 'jobs', schema: jobState });
  const occurrences = storage.table<Occurrence>({
    name: 'occurrences',
    schema: occurrence,
    expiresAt: (value) => Math.ceil((value.dueAt + occurrenceKeptForMs) / 1000),
  });

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

    async remove(name) {
      await states.remove('state', name);
      return jobs.remove('job', name);
    },

    state: (name) => states.get('state', name),

    async saveState(name, value) {
      await states.upsert('state', name, value);
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

    async occurrences(name, { limit, before }) {
      const found: Occurrence[] = [];
      const from = before === undefined ? {} : { from: descending(before - 1) };
      for await (const row of occurrences.list({ partition: name, limit, ...from })) found.push(row.value);
      return found;
    },
  };
}

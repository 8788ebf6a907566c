import type { Person } from '../broker/sessions.ts';
import { AppError } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Run } from '../jobs/run.ts';

/** Jobs and runs as one person may see them: administrators all of them, others their own. */
export interface OwnJobs {
  list(person: Person): Promise<Job[]>;
  /** Throws `not_found` for what is not there and for what is somebody else's, so that neither tells of the other. */
  job(name: string, person: Person): Promise<Job>;
  run(id: string, person: Person): Promise<Run>;
}

export function createOwnJobs(jobs: Pick<Jobs, 'get' | 'list' | 'removed' | 'runs'>): OwnJobs {
  const isOf = (person: Person, job: Job | undefined) =>
    person.administrator || job?.owner === person.objectId;

  return {
    list: async (person) => (await jobs.list()).filter((job) => isOf(person, job)),

    async job(name, person) {
      const job = await jobs.get(name);
      if (!job || !isOf(person, job)) throw new AppError('not_found', 'There is no such job.');
      return job;
    },

    async run(id, person) {
      const run = await jobs.runs.get(id);
      const job = run && !person.administrator ? await ownerOf(run.job) : undefined;
      if (!run || !isOf(person, job)) throw new AppError('not_found', 'There is no such run.');
      return run;
    },
  };

  async function ownerOf(name: string): Promise<Job | undefined> {
    return (await jobs.get(name)) ?? (await jobs.removed(name));
  }
}

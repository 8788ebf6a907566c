import type { Clock } from '../ports.ts';
import type { Blobs } from '../storage/blobs.ts';

export interface RetentionDeps {
  /** The files of runs: `finance/finance.7980…/finance.csv`. */
  readonly reports: Pick<Blobs, 'list' | 'remove'>;
  /** The rows of each job's newest report, for its next run: `finance/finance.7980….parquet`. */
  readonly history: Pick<Blobs, 'list' | 'remove'>;
  /** For how many days a job's files are kept; undefined when the job is gone. */
  keepDays(job: string): Promise<number | undefined>;
  readonly clock: Clock;
}

/** What is left of a job that was removed. */
const daysWithoutJob = 90;
const dayMs = 24 * 60 * 60_000;
const mostRemoved = 2_000;

/**
 * Removes the files of runs whose time is over, as their jobs have it now, and what was kept for the next run of a job that is gone.
 * The rows of the runs stay. Gives how many files went; of very many, the rest goes with the next sweep.
 */
export function createRetention({ reports, history, keepDays, clock }: RetentionDeps): () => Promise<number> {
  return async () => {
    const known = new Map<string, number | undefined>();
    async function daysOf(job: string): Promise<number | undefined> {
      if (!known.has(job)) known.set(job, await keepDays(job));
      return known.get(job);
    }

    let removed = 0;
    for await (const { name } of reports.list('')) {
      if (removed >= mostRemoved) return removed;
      const run = runOf(name);
      if (!run) continue;
      const days = (await daysOf(run.job)) ?? daysWithoutJob;
      if (run.at + days * dayMs > clock()) continue;
      if (await reports.remove(name)) removed += 1;
    }
    for await (const { name } of history.list('')) {
      if (removed >= mostRemoved) return removed;
      const run = runOf(name);
      if (!run || (await daysOf(run.job)) !== undefined) continue;
      if (await history.remove(name)) removed += 1;
    }
    return removed;
  };
}

/** The job and the time of the run that a file is of: ids of runs descend in time. */
function runOf(name: string): { job: string; at: number } | undefined {
  const match = /^([a-z0-9-]{1,63})\/\1\.(\d{13})[a-z0-9]*[./]/.exec(name);
  return match?.[1] === undefined ? undefined : { job: match[1], at: 9_999_999_999_999 - Number(match[2]) };
}

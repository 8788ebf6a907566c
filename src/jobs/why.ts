import { AppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Job } from './job.ts';
import type { JobRows } from './job-rows.ts';
import { type Occurrence, occurrenceKeptForMs } from './occurrence.ts';
import { descending, type Run } from './run.ts';
import type { RunRows } from './run-rows.ts';
import { dueWithinMinute, lastDue, nextDue } from './schedule.ts';
import type { Why, WhyReason } from './why-answer.ts';
import { whyWords } from './why-words.ts';

const minuteMs = 60_000;

/** Answers for the minute of any moment. Throws `not_found` for a job that never was, or is forgotten. */
export function createWhy(deps: {
  readonly jobs: JobRows;
  readonly rows: RunRows;
  readonly clock: Clock;
}): (name: string, at: number) => Promise<Why> {
  const { jobs, rows, clock } = deps;

  /** The job as it was at that moment, or the one that is nearest to it. */
  async function jobAt(name: string, at: number): Promise<Job> {
    const present = (await jobs.get(name))?.value;
    const removed = await jobs.removed(name);
    const job = present && (at >= present.createdAt || !removed) ? present : removed;
    if (!job) throw new AppError('not_found', 'There is no such job, and none was removed in the last year.');
    return job;
  }

  async function occurrenceAt(name: string, minute: number): Promise<Occurrence | undefined> {
    const [found] = await jobs.occurrences(name, { limit: 1, before: minute + minuteMs });
    return found !== undefined && found.dueAt >= minute ? found : undefined;
  }

  /** A run that a person started in that minute. */
  async function startedByHand(name: string, minute: number): Promise<Run | undefined> {
    const runs = await rows.list(name, { from: descending(minute + minuteMs - 1), limit: 20 });
    return runs.find(({ trigger, createdAt }) => trigger === 'person' && createdAt >= minute);
  }

  async function find(job: Job, at: number): Promise<Pick<Why, 'reason' | 'dueAt' | 'run'>> {
    const { name, createdAt, removedAt, definition } = job;
    if (at < createdAt) return { reason: 'before_job' };
    if (removedAt !== undefined && at >= removedAt) return { reason: 'removed' };
    const minute = at - (at % minuteMs);
    const known = await occurrenceAt(name, minute);
    const run = known?.run === undefined ? undefined : (await rows.get(known.run))?.value;
    if (known) return { reason: known.reason ?? reasonOf(known), dueAt: known.dueAt, run };
    const byHand = await startedByHand(name, minute);
    if (byHand) return { reason: 'started', run: byHand };

    const dueAt = dueWithinMinute(definition.schedule, at);
    if (dueAt === undefined) return { reason: 'not_due' };
    const state = await jobs.state(name);
    if (dueAt < (state?.scheduleSince ?? createdAt)) return { reason: 'other_schedule', dueAt };
    if (dueAt > clock()) return { reason: definition.enabled ? 'not_yet' : 'disabled', dueAt };
    if (dueAt <= clock() - occurrenceKeptForMs) return { reason: 'forgotten', dueAt };
    return { reason: dueAt <= (state?.decidedUntil ?? 0) ? 'down' : 'not_decided', dueAt };
  }

  return async (name, at) => {
    const job = await jobAt(name, at);
    const { schedule } = job.definition;
    const found = await find(job, at);
    const around = {
      previousDueAt: lastDue(schedule, at - (at % minuteMs)),
      nextDueAt: nextDue(schedule, Math.max(at, found.dueAt ?? at)),
    };
    const answer = { job: name, at, ...found, ...around };
    return { ...answer, message: whyWords(answer, job) };
  };
}

function reasonOf({ outcome }: Occurrence): WhyReason {
  return outcome === 'queued' ? 'queued' : outcome === 'started' ? 'started' : 'down';
}

import type { Job } from './job.ts';
import type { Why, WhyReason } from './why-answer.ts';

type Asked = Omit<Why, 'message'>;

/** The answer as sentences: what happened, and what to do where something can be done. */
export function whyWords(why: Asked, job: Job): string {
  return words[why.reason](why, job);
}

const words: Readonly<Record<WhyReason, (why: Asked, job: Job) => string>> = {
  started: ({ run, dueAt }) =>
    run === undefined
      ? 'A run started, and is kept no longer.'
      : `${dueAt === undefined ? 'A person started a run' : 'A run started'}: ${run.id}, which ${stateWords(run)}.`,
  queued: ({ run }) =>
    run === undefined
      ? 'A run was queued, and is kept no longer.'
      : `The run before was still on its way, so this one waited for it: ${run.id}, which ${stateWords(run)}.`,
  disabled: () => 'The job was disabled.',
  still_running: ({ run }) =>
    `The run before${run ? ` (${run.id})` : ''} was still on its way, and the job says to skip then.`,
  already_queued: ({ run }) =>
    `A run was on its way and another one${run ? ` (${run.id})` : ''} waited for it already: only one is queued.`,
  down: (_why, job) =>
    `Nothing ran here at that time, so it was missed${job.definition.schedule.missed === 'skip' ? ', and the job says to skip what was missed' : ''}.`,
  connection_gone: (_why, { definition }) =>
    `The connection ${definition.connection} was gone. Connect it again, or save the job with another one.`,
  not_due: (why, { definition: { schedule } }) =>
    `The job is not due then. It is due by ${schedule.cron} in ${schedule.timeZone}${
      why.nextDueAt === undefined ? '' : `; after that moment the next time is ${iso(why.nextDueAt)}`
    }.`,
  not_yet: () => 'That moment is still to come: the job will be due.',
  not_decided: () =>
    'It is due, and the timer has not come by yet. It comes each minute; when it does not, the app is not running.',
  before_job: (_why, { createdAt }) => `The job did not exist yet: it was made at ${iso(createdAt)}.`,
  removed: (_why, { removedAt = 0 }) => `The job was removed at ${iso(removedAt)}.`,
  other_schedule: () => 'The job had another schedule then, by which it was not due.',
  forgotten: () => 'That is too long ago: what became of due times is kept for 400 days.',
};

function stateWords({ state, error }: NonNullable<Why['run']>): string {
  if (state === 'waiting') return 'waits to begin';
  if (state === 'running') return 'is on its way';
  if (state === 'failed') return `failed: ${(error?.message ?? 'no reason was kept').replace(/\.$/, '')}`;
  return state === 'cancelled' ? 'was cancelled' : state;
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.000Z$/, 'Z');
}

import { AppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import type { Job } from './job.ts';
import { descending, noProgress, type Run, runId } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import type { RunWorker } from './run-worker.ts';
import { subjectOf } from './subject.ts';

export interface StartedBy {
  readonly trigger: 'schedule' | 'person';
  /** Object id of the person. */
  readonly person?: string;
  /** A due time has one run, however often it is started. */
  readonly dueAt?: number;
  /** The key of its row, where it had to be known before. */
  readonly row?: string;
  /** Id of the run that it does again. */
  readonly retryOf?: string;
  /** Id of the run whose end it waits for: until then it is not sent. */
  readonly waitsFor?: string;
}

export type StartRun = (job: Job, by: StartedBy) => Promise<Run>;

/** Makes the run's row and sends its first message. Throws `not_found` when the connection is gone. */
export function createStartRun(deps: RunDeps, worker: Pick<RunWorker, 'send'>): StartRun {
  const { rows, connections, ports } = deps;

  return async (job, by) => {
    const { definition } = job;
    const connection = await connections.get(definition.connection);
    if (!connection) {
      throw new AppError('not_found', `The connection ${definition.connection} of this job is gone.`);
    }
    const now = ports.clock();
    const row = by.row ?? (by.dueAt === undefined ? newRow(ports) : dueRow(by.dueAt));
    const run: Run = {
      id: runId(job.name, row),
      job: job.name,
      definition,
      connectionId: connection.id,
      trigger: by.trigger,
      ...(by.person === undefined ? {} : { startedBy: by.person }),
      ...(by.dueAt === undefined ? {} : { dueAt: by.dueAt }),
      ...(by.retryOf === undefined ? {} : { retryOf: by.retryOf }),
      ...(by.waitsFor === undefined ? {} : { waitsFor: by.waitsFor }),
      subject: subjectOf(definition, connection.id),
      createdAt: now,
      state: 'waiting',
      step: 'plan',
      sequence: 0,
      attempts: 0,
      heartbeatAt: now,
      progress: noProgress,
      files: [],
      steps: {},
    };
    const existing = (await rows.insert(run)) ? run : (await rows.get(run.id))?.value;
    if (!existing)
      throw new AppError('conflict', 'This run was removed in the meantime.', { retryable: true });
    await worker.send(existing);
    return existing;
  };
}

/** Key of a run that begins now. */
export function newRow({ clock, random }: Pick<Ports, 'clock' | 'random'>): string {
  return `${descending(clock())}${newId('', random).slice(1, 9)}`;
}

/** Key of the run of a due time. */
export function dueRow(dueAt: number): string {
  return `${descending(dueAt)}due`;
}

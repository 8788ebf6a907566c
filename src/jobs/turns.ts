import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Row } from '../storage/table.ts';
import type { Job, JobState } from './job.ts';
import type { JobRows } from './job-rows.ts';
import { isOver, type Run, runId } from './run.ts';
import type { RunRows } from './run-rows.ts';
import type { RunWorker } from './run-worker.ts';
import { newRow, type StartedBy, type StartRun } from './start-run.ts';

/** What its overlap policy makes of a run that is wanted now. `busy` is the run in the way. */
export type Turn =
  | {
      readonly kind: 'start';
      readonly busy?: Run | undefined;
      /** Id of the last run when this was judged. */
      readonly since?: string | undefined;
    }
  | { readonly kind: 'queue' | 'still_running' | 'already_queued'; readonly busy: Run };

/** One run of a job at a time. */
export interface Turns {
  /** The run that is on its way; one that only delivers, which may take hours, is in nobody's way. */
  active(state: JobState | undefined): Promise<Run | undefined>;
  judge(job: Job, state: JobState | undefined, busy: Run | undefined): Promise<Turn>;
  /** Starts a run, or queues it, as its turn says; a run in the way is cancelled first. Throws `conflict` when somebody else began one meanwhile. */
  take(job: Job, turn: Turn, by: StartedBy): Promise<Run>;
  /** Ends a run before its time. Throws `not_found`, or `conflict` when it is over. */
  cancel(id: string, why: string): Promise<Run>;
  /** A run of the job is over: the one that waits begins. */
  next(job: string): Promise<void>;
}

const mostTries = 20;
/** Who is about to begin a run, and has not done so for this long, was killed. */
const claimMs = 10_000;

export function createTurns(deps: {
  readonly jobs: JobRows;
  readonly rows: RunRows;
  readonly worker: Pick<RunWorker, 'send'>;
  readonly startRun: StartRun;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): Turns {
  const { jobs, rows, worker, startRun, ports } = deps;

  async function waiting(id: string | undefined): Promise<Row<Run> | undefined> {
    const row = id === undefined ? undefined : await rows.get(id);
    return row && !isOver(row.value.state) ? row : undefined;
  }

  const active: Turns['active'] = async (state) => {
    const run = (await waiting(state?.lastRun))?.value;
    return run?.step === 'deliver' ? undefined : run;
  };

  async function next(name: string): Promise<void> {
    const state = await jobs.state(name);
    if (state?.queued === undefined) return;
    const row = await waiting(state.queued);
    if (row && (await active(state))) return;
    // Its place as the last run comes after the row: a kill in between lets this happen again, with the same outcome.
    const released =
      row && (await rows.save(row, { ...row.value, waitsFor: undefined, heartbeatAt: ports.clock() }));
    if (row && !released) return;
    await jobs.changeState(name, (old) => {
      const { queued, ...rest } = old ?? state;
      return queued === state.queued
        ? { ...rest, ...(row ? { lastRun: row.value.id } : {}) }
        : (old ?? state);
    });
    if (released) await worker.send(released.value);
  }

  async function cancel(id: string, why: string): Promise<Run> {
    for (let attempt = 0; attempt < mostTries; attempt += 1) {
      const row = await rows.get(id);
      if (!row) throw new AppError('not_found', 'There is no such run.');
      if (isOver(row.value.state)) {
        throw new AppError('conflict', `The run is over: it is ${row.value.state}.`);
      }
      const now = ports.clock();
      const error = { code: 'cancelled', message: why };
      const saved = await rows.save(row, {
        ...row.value,
        state: 'cancelled',
        error,
        finishedAt: now,
        heartbeatAt: now,
      });
      if (!saved) continue;
      ports.log.info('run_cancelled', { run: id, step: row.value.step });
      return saved.value;
    }
    throw new AppError('conflict', 'The run is changing all the time. Try again.', { retryable: true });
  }

  /** The key of the run that begins now, which nobody else begins meanwhile. Throws `conflict` when another one began since. */
  async function claim(job: Job, since: string | undefined): Promise<string> {
    const row = newRow(ports);
    const run = runId(job.name, row);
    const now = ports.clock();
    const state = await jobs.changeState(job.name, (old) => {
      const before = old ?? freshState(job);
      const isClaimed = before.claim !== undefined && now - before.claim.at < claimMs;
      return before.lastRun === since && !isClaimed ? { ...before, claim: { run, at: now } } : before;
    });
    if (state.claim?.run === run) return row;
    throw new AppError('conflict', `Another run of ${job.name} began in the same moment.`, {
      details: { run: state.claim?.run ?? state.lastRun },
    });
  }

  async function unclaim(job: Job, run: string): Promise<void> {
    await jobs.changeState(job.name, (old) => withoutClaim(old ?? freshState(job), run));
  }

  return {
    active,
    next,

    async judge(job, state, busy) {
      const since = state?.lastRun;
      if (!busy) return { kind: 'start', since };
      const { overlap } = job.definition;
      if (overlap === 'cancel') return { kind: 'start', busy, since };
      if (overlap === 'skip') return { kind: 'still_running', busy };
      const queued = await waiting(state?.queued);
      return queued ? { kind: 'already_queued', busy: queued.value } : { kind: 'queue', busy };
    },

    async take(job, turn, by) {
      if (turn.kind === 'queue') {
        const run = await startRun(job, { ...by, waitsFor: turn.busy.id });
        await jobs.changeState(job.name, (old) => ({ ...(old ?? freshState(job)), queued: run.id }));
        // The run in the way may have ended in the meantime, and found nobody waiting.
        await next(job.name);
        return run;
      }
      // A due time has one run, whoever starts it; people who start a job in the same moment get one between them.
      const row =
        by.dueAt === undefined ? await claim(job, 'since' in turn ? turn.since : undefined) : undefined;
      if (turn.busy) await cancel(turn.busy.id, 'A newer run of the job took its place.').catch(unlessOver);
      const run = await startRun(job, { ...by, ...(row === undefined ? {} : { row }) }).catch(
        async (error) => {
          if (row !== undefined) await unclaim(job, runId(job.name, row));
          throw error;
        },
      );
      await jobs.changeState(job.name, (old) => ({
        ...withoutClaim(old ?? freshState(job), run.id),
        lastRun: run.id,
      }));
      return run;
    },

    async cancel(id, why) {
      const run = await cancel(id, why);
      await jobs.changeState(run.job, (old) => withoutQueued(old, run));
      await next(run.job);
      return run;
    },
  };
}

function freshState({ createdAt }: Job): JobState {
  return { decidedUntil: createdAt };
}

function withoutClaim(state: JobState, run: string): JobState {
  const { claim, ...rest } = state;
  return claim === undefined || claim.run === run ? rest : state;
}

function withoutQueued(old: JobState | undefined, run: Run): JobState {
  const { queued, ...rest } = old ?? { decidedUntil: run.createdAt };
  return queued === undefined || queued === run.id ? rest : { ...rest, queued };
}

function unlessOver(error: unknown): void {
  if (error instanceof AppError && (error.code === 'conflict' || error.code === 'not_found')) return;
  throw error;
}

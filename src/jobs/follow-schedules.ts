import { isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Job, JobState } from './job.ts';
import type { JobRows } from './job-rows.ts';
import type { Occurrence } from './occurrence.ts';
import { isOver } from './run.ts';
import type { RunRows } from './run-rows.ts';
import type { RunWorker } from './run-worker.ts';
import { dueTimes } from './schedule.ts';
import type { StartRun } from './start-run.ts';

/** A due time that is older than this was missed: nobody was there to see it. */
const lateMs = 5 * 60_000;
/** Of a long silence only the newest due times get a row of their own. */
const mostDueTimes = 200;
/** A run that is silent for so long has lost its message. */
const silentMs = 10 * 60_000;

export interface ScheduleDeps {
  readonly jobs: JobRows;
  readonly rows: RunRows;
  readonly worker: Pick<RunWorker, 'send'>;
  readonly startRun: StartRun;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}

/** Once a minute: each due time that has come gets its outcome, and a run that has fallen silent is taken up again. */
export function createFollowSchedules(deps: ScheduleDeps): () => Promise<void> {
  const { jobs, rows, worker, startRun, ports } = deps;

  async function follow(job: Job): Promise<void> {
    const state = (await jobs.state(job.name))?.value ?? { decidedUntil: job.createdAt };
    const now = ports.clock();
    const active = await revive(state, now);
    const due = dueTimes(job.definition.schedule, state.decidedUntil, now, mostDueTimes);
    if (due.length === 0) return;
    let lastRun = state.lastRun;
    let busy = active;
    for (const dueAt of due) {
      const decided = await jobs.decide(outcomeOf(job, { dueAt, now, busy, newest: dueAt === due.at(-1) }));
      if (decided.outcome !== 'started') continue;
      const started = await start(job, decided);
      lastRun = started ?? lastRun;
      busy = started ?? busy;
    }
    await jobs.saveState(job.name, { decidedUntil: due.at(-1) ?? now, ...(lastRun ? { lastRun } : {}) });
  }

  /** The run of this due time; a connection that is gone is told by the job's page, not by a timer that fails. */
  async function start(job: Job, { dueAt }: Occurrence): Promise<string | undefined> {
    try {
      return (await startRun(job, { trigger: 'schedule', dueAt })).id;
    } catch (error) {
      if (!isAppError(error, 'not_found')) throw error;
      ports.log.warn('job_without_connection', { job: job.name });
      return undefined;
    }
  }

  /** Id of the run that is on its way. */
  async function revive({ lastRun }: JobState, now: number): Promise<string | undefined> {
    const row = lastRun === undefined ? undefined : await rows.get(lastRun);
    if (!row || isOver(row.value.state)) return undefined;
    const beats = (await rows.parts(row.value.id)).map((part) => part.value.heartbeatAt);
    if (Math.max(row.value.heartbeatAt, ...beats) < now - silentMs) {
      ports.log.warn('run_taken_up_again', { run: row.value.id, step: row.value.step });
      await worker.send(row.value, now - silentMs);
    }
    return row.value.id;
  }

  return async () => {
    const failures: unknown[] = [];
    for (const job of await jobs.list()) {
      // One job that cannot be followed keeps no other from its time.
      await follow(job).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
}

function outcomeOf(
  job: Job,
  at: { dueAt: number; now: number; busy: string | undefined; newest: boolean },
): Occurrence {
  const base = { job: job.name, dueAt: at.dueAt, decidedAt: at.now };
  if (!job.definition.enabled) return { ...base, outcome: 'skipped', reason: 'disabled' };
  if (at.dueAt < at.now - lateMs && !at.newest) return { ...base, outcome: 'missed', reason: 'down' };
  if (at.busy !== undefined) return { ...base, outcome: 'skipped', reason: 'still_running', run: at.busy };
  return { ...base, outcome: 'started' };
}

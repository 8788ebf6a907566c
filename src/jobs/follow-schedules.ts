import { isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Job, JobState } from './job.ts';
import type { JobRows } from './job-rows.ts';
import type { Occurrence } from './occurrence.ts';
import { isOver, type Run, runId } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import type { RunRows } from './run-rows.ts';
import type { RunWorker } from './run-worker.ts';
import { dueTimes } from './schedule.ts';
import { dueRow } from './start-run.ts';
import type { Turn, Turns } from './turns.ts';

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
  readonly turns: Turns;
  readonly connections: RunDeps['connections'];
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}

/** Once a minute: each due time that has come gets its outcome, and a run that has fallen silent is taken up again. */
export function createFollowSchedules(deps: ScheduleDeps): () => Promise<void> {
  const { jobs, rows, worker, turns, connections, ports } = deps;

  async function follow(job: Job): Promise<void> {
    const { name, definition } = job;
    await turns.next(name);
    const state = (await jobs.state(name)) ?? { decidedUntil: job.createdAt };
    const now = ports.clock();
    await revive(state, now);
    const due = dueTimes(definition.schedule, state.decidedUntil, now, mostDueTimes);
    const newest = due.at(-1);
    if (newest === undefined) return;
    const connected = (await connections.get(definition.connection)) !== undefined;
    for (const dueAt of due) {
      const present =
        dueAt >= now - lateMs || (dueAt === newest && definition.schedule.missed === 'run_once');
      await decide(job, { dueAt, now, present, connected });
    }
    await jobs.changeState(name, (old) => ({ ...(old ?? state), decidedUntil: newest }));
  }

  async function decide(job: Job, at: Moment): Promise<void> {
    const { dueAt, now } = at;
    const state = await jobs.state(job.name);
    const run = runId(job.name, dueRow(dueAt));
    const active = await turns.active(state);
    // A tick at the same time may have started it already.
    const turn = await turns.judge(job, state, active?.id === run ? undefined : active);
    const base = { job: job.name, dueAt, decidedAt: now };
    const decided = await jobs.decide({ ...base, ...outcomeOf(job, at, turn, run) });
    if (decided.run !== run) return;
    await take(job, turn.kind === 'start' || turn.kind === 'queue' ? turn : { kind: 'start' }, dueAt);
  }

  async function take(job: Job, turn: Turn, dueAt: number): Promise<void> {
    try {
      await turns.take(job, turn, { trigger: 'schedule', dueAt });
    } catch (error) {
      // Between the look at the connection and the start it was removed.
      if (!isAppError(error, 'not_found')) throw error;
      ports.log.warn('job_without_connection', { job: job.name });
    }
  }

  async function revive({ lastRun }: JobState, now: number): Promise<void> {
    const row = lastRun === undefined ? undefined : await rows.get(lastRun);
    if (!row || isOver(row.value.state)) return;
    if ((await lastBeat(row.value)) >= now - silentMs) return;
    // Deliveries beat for themselves, and may wait for hours: now and then they are asked whether a message was lost.
    if (row.value.step === 'deliver') await rows.save(row, { ...row.value, heartbeatAt: now });
    else ports.log.warn('run_taken_up_again', { run: row.value.id, step: row.value.step });
    await worker.send(row.value, now - silentMs);
  }

  async function lastBeat(run: Run): Promise<number> {
    if (run.step !== 'crawl') return run.heartbeatAt;
    const beats = (await rows.parts(run.id)).map((part) => part.value.heartbeatAt);
    return beats.reduce((newest, beat) => Math.max(newest, beat), run.heartbeatAt);
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

interface Moment {
  readonly dueAt: number;
  readonly now: number;
  /** Not missed. */
  readonly present: boolean;
  readonly connected: boolean;
}

function outcomeOf(
  { definition }: Job,
  { present, connected }: Moment,
  turn: Turn,
  run: string,
): Pick<Occurrence, 'outcome' | 'reason' | 'run'> {
  if (!definition.enabled) return { outcome: 'skipped', reason: 'disabled' };
  if (!present) return { outcome: 'missed', reason: 'down' };
  if (!connected) return { outcome: 'skipped', reason: 'connection_gone' };
  if (turn.kind === 'start') return { outcome: 'started', run };
  if (turn.kind === 'queue') return { outcome: 'queued', run };
  return { outcome: 'skipped', reason: turn.kind, run: turn.busy.id };
}

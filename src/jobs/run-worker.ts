import { type AppError, isAppError } from '../errors.ts';
import type { Row } from '../storage/table.ts';
import { crawlDrive } from './crawl-drive.ts';
import { deliverRun } from './deliver-run.ts';
import { gatherRun } from './gather-run.ts';
import { LateWorker, orLate } from './late-worker.ts';
import { createMakeReport } from './make-report.ts';
import { onward } from './onward.ts';
import { planRun } from './plan-run.ts';
import { addUp } from './progress.ts';
import { isOver, type Part, type Run, type RunError } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import type { RunMessage } from './run-message.ts';

export interface RunWorker {
  /** Does the unit of work that a message names, and sends the next one. */
  work(message: RunMessage): Promise<void>;
  /** Sends what a run in this state goes on with; of its drives only those that are silent since that time (ms). */
  send(run: Run, silentSince?: number): Promise<void>;
}

/** Chains of messages that one run has at the same time, each with one drive at a time. */
const chains = 16;
const mostAttempts = 12;
const mostSurprises = 4;
const longestDelaySeconds = 15 * 60;
const silentSeconds = 20;

/**
 * A run moves by messages. What a unit found out is saved before the next message is sent, and the message that it came from is
 * deleted after that: a kill in between repeats the message, whose number is then an older one.
 */
export function createRunWorker(deps: RunDeps): RunWorker {
  const { rows, queue, ports, onOver } = deps;
  const makeReport = createMakeReport();

  async function send(run: Run, silentSince = Number.POSITIVE_INFINITY): Promise<void> {
    if (isOver(run.state) || run.waitsFor !== undefined) return;
    if (run.step !== 'crawl') {
      await queue.send({ kind: 'run', run: run.id, sequence: run.sequence });
      return;
    }
    const parts = (await rows.parts(run.id)).map((row) => row.value);
    const heads = headsOf(parts);
    if (heads.length === 0) await closeCrawl(run.id);
    for (const { number, sequence, heartbeatAt } of heads) {
      if (heartbeatAt <= silentSince) await queue.send({ kind: 'drive', run: run.id, number, sequence });
    }
  }

  /** Every drive has its outcome: on to what the report needs beside them. */
  async function closeCrawl(id: string): Promise<void> {
    const row = await rows.get(id);
    if (!row || isOver(row.value.state) || row.value.step !== 'crawl') return;
    const parts = (await rows.parts(id)).map((each) => each.value);
    if (parts.some((part) => part.outcome === 'open')) return;
    const next = onward(row.value, 'gather', ports.clock());
    const saved = await rows.save(row, { ...next, progress: addUp(row.value.progress, parts) });
    if (saved) await send(saved.value);
  }

  /**
   * Whether the message is the one that the row waits for. One that was repeated after its unit was done may be all that is left
   * of the chain, or not: that shows when nothing has moved for a while.
   */
  async function isPresent(
    message: RunMessage,
    row: Pick<Run, 'sequence' | 'heartbeatAt'>,
  ): Promise<boolean> {
    if (message.silentSince !== undefined) {
      return message.sequence === row.sequence && message.silentSince === row.heartbeatAt;
    }
    if (message.sequence >= row.sequence) return true;
    const question = { ...message, sequence: row.sequence, silentSince: row.heartbeatAt };
    await queue.send(question, { delaySeconds: silentSeconds });
    return false;
  }

  async function workOnRun(message: RunMessage & { kind: 'run' }, row: Row<Run>): Promise<void> {
    if (!(await isPresent(message, row.value))) return;
    try {
      const next = await step(row);
      // While it delivers, which may take hours, the next run may begin.
      if (next.value.step === 'deliver' && next !== row) await onOver(next.value);
      if (next !== row) await send(next.value, message.silentSince);
    } catch (error) {
      await failed(error, row.value.attempts, {
        later: async (attempts, delaySeconds) => {
          orLate(await rows.save(row, { ...row.value, attempts }));
          await queue.send(present(message), { delaySeconds });
        },
        giveUp: (why) => end(row, why),
      });
    }
  }

  async function step(row: Row<Run>): Promise<Row<Run>> {
    switch (row.value.step) {
      case 'plan':
        return planRun(deps, row);
      case 'gather':
        return gatherRun(deps, row);
      case 'report':
        return makeReport(deps, row);
      case 'deliver':
        await deliverRun(deps, row);
        return row;
      default:
        return row;
    }
  }

  async function workOnDrive(message: RunMessage & { kind: 'drive' }, run: Row<Run>): Promise<void> {
    const row = await rows.part(run.value.id, message.number);
    if (!row || run.value.step !== 'crawl') return;
    if (row.value.outcome !== 'open') return afterDrive(run.value.id, message.number);
    if (!(await isPresent(message, row.value))) return;
    try {
      const unit = await crawlDrive(deps, run.value, row);
      if (unit.kind === 'read') return await afterDrive(run.value.id, message.number);
      const { sequence } = unit.row.value;
      await queue.send({ ...present(message), sequence }, { delaySeconds: unit.delaySeconds });
    } catch (error) {
      if (error instanceof LateWorker) throw error;
      // The unit may have saved its progress meanwhile: its number is the same still.
      const now = orLate(await rows.part(run.value.id, message.number));
      await failed(error, now.value.attempts, {
        later: async (attempts, delaySeconds) => {
          orLate(await rows.savePart(now, { ...now.value, attempts }));
          await queue.send(present(message), { delaySeconds });
        },
        giveUp: (why) => closePart(run, now, why),
      });
    }
  }

  /** The chain goes on with the drive that is `chains` further; when there is none, with the question whether all are done. */
  async function afterDrive(id: string, number: number): Promise<void> {
    const next = await rows.part(id, number + chains);
    if (next)
      await queue.send({ kind: 'drive', run: id, number: next.value.number, sequence: next.value.sequence });
    else await closeCrawl(id);
  }

  /** A drive that cannot be read: the only one of a run ends it, one of several is named in the report. */
  async function closePart(run: Row<Run>, row: Row<Part>, why: RunError): Promise<void> {
    const others = await rows.part(run.value.id, row.value.number === 1 ? 2 : 1);
    if (!others) return end(orLate(await rows.get(run.value.id)), why);
    const outcome = why.code === 'forbidden' || why.code === 'not_found' ? 'denied' : 'failed';
    const closed = { ...row.value, outcome, reason: why.message, sequence: row.value.sequence + 1 } as const;
    orLate(await rows.savePart(row, closed));
    await afterDrive(run.value.id, row.value.number);
  }

  async function end(row: Row<Run>, error: RunError): Promise<void> {
    const parts = (await rows.parts(row.value.id)).map((each) => each.value);
    const finishedAt = ports.clock();
    const value: Run = {
      ...row.value,
      state: 'failed',
      error,
      finishedAt,
      heartbeatAt: finishedAt,
      progress: row.value.step === 'crawl' ? addUp(row.value.progress, parts) : row.value.progress,
    };
    orLate(await rows.save(row, value));
    ports.log.warn('run_failed', { run: row.value.id, step: row.value.step, code: error.code });
    await onOver(value);
  }

  /** Later again, while that makes sense; else the end of it, with a reason for people. */
  async function failed(
    thrown: unknown,
    attempts: number,
    ways: {
      later(attempts: number, delaySeconds: number): Promise<void>;
      giveUp(why: RunError): Promise<void>;
    },
  ): Promise<void> {
    if (thrown instanceof LateWorker) throw thrown;
    const error = isAppError(thrown) ? thrown : undefined;
    const again = error ? error.retryable && attempts < mostAttempts : attempts < mostSurprises;
    if (error?.retryable !== true) logFailure(thrown, error, again);
    if (again) return ways.later(attempts + 1, delayOf(error, attempts));
    return ways.giveUp({
      code: error?.code ?? 'internal_error',
      message: error?.message ?? 'Something went wrong here. The log of this time says what.',
    });
  }

  function logFailure(thrown: unknown, error: AppError | undefined, again: boolean): void {
    const at = thrown instanceof Error ? thrown.stack?.split('\n').slice(1, 5).join(' | ') : undefined;
    ports.log.error('run_unit_failed', { code: error?.code, detail: error?.detail, again, at });
  }

  return {
    send,
    async work(message) {
      const row = await rows.get(message.run);
      if (!row || isOver(row.value.state)) return;
      try {
        if (message.kind === 'run') await workOnRun(message, row);
        else await workOnDrive(message, row);
      } catch (error) {
        if (!(error instanceof LateWorker)) throw error;
        ports.log.info('run_worker_late', { run: message.run });
      }
    },
  };
}

/** Of each chain the drive that it is at. */
function headsOf(parts: readonly Part[]): Part[] {
  const heads = new Map<number, Part>();
  for (const part of parts) {
    const chain = part.number % chains;
    if (part.outcome === 'open' && !heads.has(chain)) heads.set(chain, part);
  }
  return [...heads.values()];
}

/** The message as one that is worked on whatever the heartbeat is. */
function present<M extends RunMessage>(message: M): M {
  return { ...message, silentSince: undefined };
}

function delayOf(error: AppError | undefined, attempts: number): number {
  const asked = error?.retryAfter ?? 2 ** attempts;
  return Math.min(Math.max(asked, 1), longestDelaySeconds);
}

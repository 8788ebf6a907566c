import type { HostLog } from './log.ts';
import { createPause } from './pause.ts';
import type { TimerFunction } from './registrations.ts';
import type { RunFunction } from './run-function.ts';
import { isFasterThanAMinute } from './schedule.ts';
import { never, type TimerStatus, type TimerStatusStore } from './timer-status.ts';

export interface TimerDeps {
  readonly fn: TimerFunction;
  readonly status: TimerStatusStore;
  readonly run: RunFunction;
  readonly log: HostLog;
  readonly now: () => Date;
}

/** setTimeout counts in 32 bits; a longer wait is done in pieces. */
const longestWaitMs = 2 ** 31 - 1;

/**
 * Runs one timer function on its schedule until `held` is aborted: at once when an occurrence was missed
 * (`isPastDue`) or `runOnStartup` says so, then at each occurrence. Runs never overlap; a failed run is not
 * repeated. Resolves after the run that is under way has ended.
 */
export async function runTimer({ fn, status, run, log, now }: TimerDeps, held: AbortSignal): Promise<void> {
  const { schedule } = fn;
  const monitored = fn.useMonitor && !isFasterThanAMinute(schedule, now());
  const pause = createPause();
  held.addEventListener('abort', () => pause.end());

  const next = (after: Date) => schedule.next(after).toISOString();
  const stored = monitored ? await status.read() : undefined;
  let current: TimerStatus = stored ?? { Last: never, Next: next(now()), LastUpdated: never };
  if (monitored && !stored) await status.write(current);
  if (stored && stored.Last !== never && stored.Next !== next(new Date(stored.Last))) {
    // The schedule itself has changed since: what was due under the old one is not owed.
    current = { ...stored, Next: next(now()), LastUpdated: now().toISOString() };
    await status.write(current);
  }

  async function runOnce(kind: 'scheduled' | 'startup' | 'pastDue'): Promise<void> {
    const started = now();
    await run(fn, timerInput(fn, kind === 'pastDue', monitored ? current : null)).catch(logged);
    // A timer may ring a moment early; counting from there would give the same occurrence twice.
    const due = new Date(current.Next);
    const counted = kind === 'scheduled' && due > started ? due : started;
    const last = counted.toISOString();
    current = { Last: last, Next: next(counted), LastUpdated: last };
    if (!monitored) return;
    await status.write(current).catch((error: unknown) => {
      log('error', 'the last run of the timer could not be stored', { function: fn.name, error });
    });
  }

  if (monitored && new Date(current.Next) < now()) await runOnce('pastDue');
  else if (fn.runOnStartup) await runOnce('startup');

  while (!held.aborted) {
    const wait = new Date(current.Next).getTime() - now().getTime();
    if (wait > 0) await pause.wait(Math.min(wait, longestWaitMs));
    if (!held.aborted && wait <= longestWaitMs) await runOnce('scheduled');
  }
}

/** `run` has logged it; a failed run does not end the schedule. */
function logged(): void {}

/** What the trigger hands to the function. Without a record of its own, the status is null. */
export function timerInput(fn: TimerFunction, isPastDue: boolean, status: TimerStatus | null) {
  const info = { Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: isPastDue };
  return { inputData: [{ name: fn.binding, data: { json: JSON.stringify(info) } }] };
}

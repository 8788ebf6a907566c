import { AppError } from '../errors.ts';
import type { ReportDuck } from './data/duck.ts';

export interface WatchedLimits {
  /** Why the work was stopped; undefined when it was not. */
  reason(): unknown;
  /** Throws that reason: a quick query ends before an interrupt reaches it. */
  check(): void;
  end(): void;
}

/** Stops what a DuckDB does when the time is over or the signal comes. */
export function watchLimits(
  duck: Pick<ReportDuck, 'interrupt'>,
  timeLimitMs: number,
  signal?: AbortSignal,
): WatchedLimits {
  let reason: unknown;
  let again: NodeJS.Timeout | undefined;
  const stop = (why: unknown) => {
    if (reason !== undefined) return;
    reason = why;
    duck.interrupt();
    // Between two queries an interrupt goes unnoticed.
    again = setInterval(() => duck.interrupt(), 50);
  };
  const timer = setTimeout(() => stop(tooLong(timeLimitMs)), timeLimitMs);
  const onAbort = () => stop(signal?.reason ?? new AppError('gone', 'The report was cancelled.'));
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });

  return {
    reason: () => reason,
    check() {
      if (reason !== undefined) throw reason;
    },
    end() {
      clearTimeout(timer);
      clearInterval(again);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function tooLong(timeLimitMs: number): AppError {
  return new AppError(
    'invalid_request',
    `It took longer than ${timeLimitMs / 1000} seconds and was stopped; ask for less, or allow more time.`,
  );
}

import type { Clock } from '../ports.ts';

/** A clock that goes back further than this was far ahead before: then the new time is believed. */
const mostMs = 15 * 60_000;

/** A clock that stands still while the given one has gone back a little, so that nothing that was over begins again. */
export function createSteadyClock(clock: Clock): Clock {
  let latest = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock();
    if (now > latest || latest - now > mostMs) latest = now;
    return latest;
  };
}

import type { Part, Run } from './run.ts';

/**
 * About how many seconds the reading of the drives takes from now on, by those that are read; undefined before the first one is, because
 * Graph doesn't tell how much a drive holds.
 */
export function secondsLeft(run: Run, drives: readonly Part[], now: number): number | undefined {
  const begun = run.steps.crawl;
  if (run.state !== 'running' || run.step !== 'crawl' || begun === undefined) return undefined;
  const read = drives.filter(({ outcome }) => outcome !== 'open').length;
  return read > 0 ? Math.round((((now - begun) / read) * (drives.length - read)) / 1000) : undefined;
}

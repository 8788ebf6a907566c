import type { Part, Run } from './run.ts';

/** With less of it read, what is left can't be told. */
const leastShare = 0.01;

/**
 * About how many seconds the reading of the drives takes from now on: by the drives that are read, and of the others by the bytes of the
 * files that were met in them. Undefined while nearly nothing is read.
 */
export function secondsLeft(run: Run, drives: readonly Part[], now: number): number | undefined {
  const begun = run.steps.crawl;
  if (run.state !== 'running' || run.step !== 'crawl' || begun === undefined) return undefined;
  const read = drives.reduce((sum, { outcome, share = 0 }) => sum + (outcome === 'open' ? share : 1), 0);
  const share = read / drives.length;
  return share >= leastShare ? Math.round(((now - begun) * (1 - share)) / share / 1000) : undefined;
}

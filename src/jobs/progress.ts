import type { Part, Progress } from './run.ts';

/** What the run itself did and what was read of its drives. */
export function addUp(own: Progress, parts: readonly Pick<Part, 'progress'>[]): Progress {
  return parts.reduce(
    (sum, { progress }) => ({
      items: sum.items + progress.items,
      pages: sum.pages + progress.pages,
      calls: sum.calls + progress.calls,
      units: sum.units + progress.units,
    }),
    own,
  );
}

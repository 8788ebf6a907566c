import type { Row } from '../storage/table.ts';
import { LateWorker } from './late-worker.ts';
import type { Run } from './run.ts';
import type { RunRows } from './run-rows.ts';

const everyMs = 1_000;

/** Tells a long unit of work when its run was cancelled, or taken over by another worker: nothing that it makes would count. */
export function watchRun(rows: Pick<RunRows, 'get'>, row: Row<Run>): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const timer = setInterval(() => {
    rows.get(row.value.id).then(
      (now) => {
        if (now?.etag !== row.etag) controller.abort(new LateWorker('the run has changed'));
      },
      // The storage says so itself when the work is saved.
      () => undefined,
    );
  }, everyMs);
  timer.unref();
  return { signal: controller.signal, end: () => clearInterval(timer) };
}

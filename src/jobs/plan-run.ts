import { readDrives } from '../reports/gather/drive-pages.ts';
import type { PlannedDrive } from '../reports/gather/planned-drive.ts';
import { viewsOf } from '../reports/report.ts';
import type { Row } from '../storage/table.ts';
import { askedOf } from './asked-of.ts';
import { LateWorker, orLate, unitMs } from './late-worker.ts';
import { meteredClient } from './metered-client.ts';
import { onward } from './onward.ts';
import { noProgress, type Part, type Run } from './run.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * Finds the drives that the job's target means, and makes their rows. What is left when the time is over is found by the next unit. The
 * run then crawls.
 */
export async function planRun(deps: RunDeps, row: Row<Run>): Promise<Row<Run>> {
  const { rows, graphFor, ports } = deps;
  const { id, definition, connectionId } = row.value;
  const deadline = ports.clock() + unitMs;
  const metered = await meteredClient(graphFor, connectionId);
  const crawled = needsCrawl(row.value);
  const known = new Set((await rows.parts(id)).map((part) => part.value.driveId));
  let cursor = row.value.planCursor;
  do {
    const page = await readDrives(metered.client, definition.target, cursor);
    const fresh = page.drives.filter(({ driveId }) => !known.has(driveId) && known.add(driveId));
    const first = known.size - fresh.length + 1;
    const now = ports.clock();
    const parts = fresh.map((drive, index) => newPart(first + index, drive, { now, crawled }));
    if (!(await rows.plan(id, parts))) throw new LateWorker('another worker plans this run');
    cursor = page.cursor;
  } while (cursor !== undefined && ports.clock() < deadline);

  const over = cursor === undefined;
  return orLate(
    await rows.save(row, {
      ...onward(row.value, over ? 'crawl' : 'plan', ports.clock(), metered),
      state: 'running',
      startedAt: row.value.startedAt ?? ports.clock(),
      planCursor: cursor,
      drives: known.size,
      ...(await comparedWith(deps, row.value)),
    }),
  );
}

/** The last run whose report was made, if it asked the same. */
async function comparedWith({ jobs, rows }: RunDeps, { job, subject, id }: Run) {
  const lastReport = (await jobs.state(job))?.lastReport;
  const last = lastReport === undefined ? undefined : await rows.get(lastReport);
  return last && last.value.id !== id && last.value.subject === subject
    ? { comparedWith: last.value.id }
    : {};
}

const ofInventory = new Set(['items', 'files', 'folders', 'previous_items', 'permissions', 'versions']);

/** A report on people, quotas or the installation itself asks nothing of the drives' contents. */
function needsCrawl(run: Run): boolean {
  const { report, input } = askedOf(run);
  return viewsOf(report, input).some((view) => ofInventory.has(view));
}

function newPart(number: number, drive: PlannedDrive, at: { now: number; crawled: boolean }): Part {
  const { outcome, reason } = drive;
  return {
    number,
    driveId: drive.driveId,
    name: drive.name ?? drive.driveId,
    drive,
    outcome: outcome === 'open' && !at.crawled ? 'read' : outcome,
    ...(outcome === 'open' ? {} : { reason: reason ?? 'no reason was given' }),
    sequence: 0,
    attempts: 0,
    heartbeatAt: at.now,
    progress: noProgress,
  };
}

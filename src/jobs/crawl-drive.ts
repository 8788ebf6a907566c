import type { Row } from '../storage/table.ts';
import { countedClient } from './counted-client.ts';
import type { Part, Run } from './run.ts';
import { orLate, type RunDeps, unitMs } from './run-deps.ts';

/** Progress is shown while it works, but not at the price of a write for each page. */
const shownEveryMs = 500;

export type DriveUnit =
  | { readonly kind: 'read'; readonly row: Row<Part> }
  | { readonly kind: 'more'; readonly row: Row<Part>; readonly delaySeconds: number };

/** Reads a stretch of one drive's feed into its inventory. */
export async function crawlDrive(deps: RunDeps, run: Run, opened: Row<Part>): Promise<DriveUnit> {
  const { rows, inventory, graphFor, ports } = deps;
  const began = opened.value.progress;
  const counted = countedClient(await graphFor(run.connectionId, 'reports'));
  let row = opened;
  let shownAt = Number.NEGATIVE_INFINITY;

  const outcome = await inventory.crawl(
    { connectionId: run.connectionId, driveId: row.value.driveId },
    {
      client: counted.client,
      holder: run.id,
      deadline: ports.clock() + unitMs,
      async onPage(sums) {
        const now = ports.clock();
        if (now - shownAt < shownEveryMs) return;
        shownAt = now;
        const progress = { items: sums.changes, pages: sums.pages, calls: began.calls + counted.calls() };
        row = orLate(await rows.savePart(row, { ...row.value, progress, heartbeatAt: now, attempts: 0 }));
      },
    },
  );

  const now = ports.clock();
  const calls = began.calls + counted.calls();
  const sequence = row.value.sequence + 1;
  if (outcome.kind === 'complete') {
    const progress = { items: outcome.snapshot.items, pages: outcome.pages, calls };
    const { snapshot } = outcome;
    const read: Part = {
      ...row.value,
      outcome: 'read',
      snapshot,
      progress,
      sequence,
      attempts: 0,
      heartbeatAt: now,
    };
    return { kind: 'read', row: orLate(await rows.savePart(row, read)) };
  }
  const next = { ...row.value, progress: { ...row.value.progress, calls }, sequence, heartbeatAt: now };
  const delaySeconds = outcome.kind === 'busy' ? outcome.retryAfter : 0;
  return { kind: 'more', row: orLate(await rows.savePart(row, next)), delaySeconds };
}

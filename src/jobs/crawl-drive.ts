import type { Row } from '../storage/table.ts';
import { LateWorker, orLate, unitMs } from './late-worker.ts';
import { meteredClient } from './metered-client.ts';
import { isOver, type Part, type Run } from './run.ts';
import type { RunDeps } from './run-deps.ts';

/** Progress is shown while it works, but not at the price of a write for each page. */
const shownEveryMs = 500;
const mostTries = 5;

export type DriveUnit =
  | { readonly kind: 'read'; readonly row: Row<Part> }
  | { readonly kind: 'more'; readonly row: Row<Part>; readonly delaySeconds: number };

/** Reads a stretch of one drive's feed into its inventory. */
export async function crawlDrive(deps: RunDeps, run: Run, opened: Row<Part>): Promise<DriveUnit> {
  const { rows, inventory, graphFor, ports } = deps;
  const began = opened.value.progress;
  const metered = await meteredClient(graphFor, run.connectionId);
  const spent = () => ({ calls: began.calls + metered.calls(), units: began.units + metered.units() });
  let row = opened;
  let shownAt = Number.NEGATIVE_INFINITY;

  /**
   * The inventory lets one worker read at a time; another one of the same run found it busy, and may have counted on in the meantime. What
   * this one has read counts all the same, until the drive has its outcome.
   */
  async function save(change: (old: Part) => Part): Promise<void> {
    for (let attempt = 0; attempt < mostTries; attempt += 1) {
      const saved = await rows.savePart(row, change(row.value));
      if (saved) row = saved;
      else row = orLate(await rows.part(run.id, row.value.number));
      if (saved) return;
      if (row.value.outcome !== 'open') break;
    }
    throw new LateWorker('another worker has this drive');
  }

  const outcome = await inventory.crawl(
    { connectionId: run.connectionId, driveId: row.value.driveId },
    {
      client: metered.client,
      holder: run.id,
      deadline: ports.clock() + unitMs,
      async onPage(sums) {
        const now = ports.clock();
        if (now - shownAt < shownEveryMs) return;
        shownAt = now;
        const progress = { items: sums.changes, pages: sums.pages, ...spent() };
        await save((old) => ({ ...old, progress, share: sums.share, heartbeatAt: now, attempts: 0 }));
        // A run that was cancelled reads no further page.
        if (isOver(orLate(await rows.get(run.id)).value.state)) throw new LateWorker('the run is over');
      },
    },
  );

  const heartbeatAt = ports.clock();
  const sequence = opened.value.sequence + 1;
  if (outcome.kind === 'complete') {
    const { snapshot, pages } = outcome;
    const progress = { items: snapshot.items, pages, ...spent() };
    await save((old) => ({
      ...old,
      outcome: 'read',
      snapshot,
      progress,
      sequence: old.sequence + 1,
      attempts: 0,
      heartbeatAt,
    }));
    return { kind: 'read', row };
  }
  const next = { ...row.value, progress: { ...row.value.progress, ...spent() }, sequence, heartbeatAt };
  const delaySeconds = outcome.kind === 'busy' ? outcome.retryAfter : 0;
  return { kind: 'more', row: orLate(await rows.savePart(row, next)), delaySeconds };
}

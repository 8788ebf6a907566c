import { deliverySummary, type RunParcel } from '../reports/deliver/delivery.ts';
import type { Row } from '../storage/table.ts';
import type { Delivery } from './deliveries/delivery-row.ts';
import { fileStamp } from './file-stamp.ts';
import { onward } from './onward.ts';
import type { Run } from './run.ts';
import { historyBlob, summaryBlob } from './run-blobs.ts';
import type { RunDeps } from './run-deps.ts';

/** Hands the files over to the deliveries of the job, which tell the run when they are over. Done again it sends nothing twice. */
export async function deliverRun(deps: RunDeps, { value: run }: Row<Run>): Promise<void> {
  await removeOlderHistory(deps, run);
  await deps.deliveries.start(await parcelOf(deps, run), run.definition.deliveries);
}

/** Each delivery has arrived or was given up: the run is over. Those that failed can be tried again, the report is there anyway. */
export async function deliveriesOver(
  deps: Pick<RunDeps, 'rows' | 'ports' | 'onOver'>,
  runId: string,
  deliveries: readonly Delivery[],
): Promise<void> {
  const { rows, ports, onOver } = deps;
  const row = await rows.get(runId);
  if (row?.value.step !== 'deliver' || row.value.state !== 'running') return;
  const calls = deliveries.reduce((sum, each) => sum + each.calls, 0);
  const units = deliveries.reduce((sum, each) => sum + each.units, 0);
  const now = ports.clock();
  const next = onward(row.value, 'done', now, { calls: () => calls, units: () => units });
  const saved = await rows.save(row, { ...next, state: 'succeeded', finishedAt: now });
  // Somebody else changed the row meanwhile: what it says now decides.
  if (!saved) return deliveriesOver(deps, runId, deliveries);
  await onOver(saved.value);
}

async function parcelOf({ blobs, publicUrl }: RunDeps, run: Run): Promise<RunParcel> {
  const { id, job, definition, result, files, connectionId } = run;
  const summary = await blobs.get(summaryBlob(run));
  const url = `${publicUrl}/runs/${id}`;
  return {
    run: id,
    job,
    report: definition.report,
    title: result?.title ?? definition.report,
    generatedAt: run.startedAt ?? run.createdAt,
    stamp: stampOf(run),
    connection: connectionId,
    summary: deliverySummary.parse(JSON.parse(summary?.toString('utf8') ?? '{}')),
    url,
    files: files.map((file) => ({ ...file, url: `${publicUrl}/api/runs/${id}/files/${file.name}` })),
  };
}

/** When the run was due, in the wall time of its schedule. */
export function stampOf({ dueAt, createdAt, definition }: Run): string {
  return fileStamp(dueAt ?? createdAt, definition.schedule.timeZone);
}

/** The next run is compared with this one: what lies there of the runs before is of no use any more. */
async function removeOlderHistory({ history, jobs }: RunDeps, run: Run): Promise<void> {
  if ((await jobs.state(run.job))?.lastReport !== run.id) return;
  const own = historyBlob(run);
  for await (const { name } of history.list(`${run.job}/`)) if (name !== own) await history.remove(name);
}

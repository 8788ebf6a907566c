import type { GraphClient } from '../graph/graph-client.ts';
import type { Snapshot } from '../inventory/inventory.ts';
import type { GatherDrive, GatherTask } from '../reports/gather/gathering.ts';
import { viewsOf } from '../reports/report.ts';
import { askedOf } from './asked-of.ts';
import { orLate } from './late-worker.ts';
import type { Part, Run } from './run.ts';
import type { RunDeps } from './run-deps.ts';

/** What is gathered for the report of a run. Each unit of it asks the same, in the same order. */
export async function gatherTask(deps: RunDeps, run: Run, client: GraphClient): Promise<GatherTask> {
  const { report, input } = askedOf(run);
  const views = viewsOf(report, input);
  const parts = (await deps.rows.parts(run.id)).map(({ value }) => value);
  const before = views.includes('previous_items') ? await snapshotsBefore(deps, run) : new Map();
  const { tenantId } = orLate(await deps.connections.get(run.connectionId));
  const drives: GatherDrive[] = [];
  for (const part of parts) {
    const previous = part.snapshot ? before.get(part.driveId) : undefined;
    const kept = previous !== undefined && (await deps.inventory.isKept(previous));
    drives.push({
      drive: driveOf(part),
      ...(part.snapshot ? { snapshot: part.snapshot } : {}),
      ...(kept ? { previous } : {}),
    });
  }
  return { runId: run.id, views, client, tenantId, drives };
}

/** The drive with what became of reading it. */
function driveOf({ driveId, name, drive, outcome, reason }: Part): GatherDrive['drive'] {
  const planned = drive ?? { driveId, name, outcome: 'open' as const };
  if (outcome === 'open' || outcome === 'read') return planned;
  return {
    ...planned,
    outcome: outcome === 'denied' ? 'denied' : 'skipped',
    reason: reason ?? planned.reason,
  };
}

/** The inventories that the run before saw. */
async function snapshotsBefore({ rows }: RunDeps, { comparedWith }: Run): Promise<Map<string, Snapshot>> {
  const parts = comparedWith === undefined ? [] : await rows.parts(comparedWith);
  return new Map(
    parts.flatMap(({ value: { driveId, snapshot } }) => (snapshot ? [[driveId, snapshot] as const] : [])),
  );
}

import { findDrive } from '../graph/drives.ts';
import type { Row } from '../storage/table.ts';
import { countedClient } from './counted-client.ts';
import { noProgress, type Part, type Run } from './run.ts';
import { orLate, type RunDeps } from './run-deps.ts';

/** Finds the drives that the job's target means, and makes their rows. The run then crawls. */
export async function planRun(deps: RunDeps, row: Row<Run>): Promise<Row<Run>> {
  const { rows, graphFor, ports } = deps;
  const { definition, connectionId } = row.value;
  const now = ports.clock();
  const counted = countedClient(await graphFor(connectionId, 'reports'));
  const drive = await findDrive(counted.client, { driveId: definition.target.driveId });
  await rows.plan(row.value.id, [openPart(1, drive, now)]);
  return orLate(
    await rows.save(row, {
      ...row.value,
      state: 'running',
      step: 'crawl',
      startedAt: row.value.startedAt ?? now,
      sequence: row.value.sequence + 1,
      attempts: 0,
      heartbeatAt: now,
      progress: { ...row.value.progress, calls: row.value.progress.calls + counted.calls() },
    }),
  );
}

function openPart(number: number, drive: { id: string; name: string }, now: number): Part {
  return {
    number,
    driveId: drive.id,
    name: drive.name,
    outcome: 'open',
    sequence: 0,
    attempts: 0,
    heartbeatAt: now,
    progress: noProgress,
  };
}

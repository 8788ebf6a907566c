import { deliverToDrive } from '../reports/deliver/deliver-to-drive.ts';
import type { Row } from '../storage/table.ts';
import { countedClient } from './counted-client.ts';
import type { Run, RunFile } from './run.ts';
import { orLate, type RunDeps, unitMs } from './run-deps.ts';

/** Takes the files to where the job wants them. The run is over when all are there. */
export async function deliverReport(deps: RunDeps, opened: Row<Run>): Promise<Row<Run>> {
  const { rows, blobs, sessions, graphFor, ports } = deps;
  const { id, connectionId, definition } = opened.value;
  const deadline = ports.clock() + unitMs;
  const counted = countedClient(await graphFor(connectionId, 'reports'));
  const files: RunFile[] = [];
  for (const file of opened.value.files) {
    const delivery = { ...definition.delivery, ...file };
    const session = sessions(`${id}|${file.name}`);
    const limits = { clock: ports.clock, deadline };
    const done = await deliverToDrive(counted.client, blobs, delivery, session, limits);
    if (!done) break;
    files.push({ ...file, ...(done.webUrl === undefined ? {} : { webUrl: done.webUrl }) });
  }

  const { value } = opened;
  const now = ports.clock();
  const over = files.length === value.files.length;
  return orLate(
    await rows.save(opened, {
      ...value,
      ...(over ? { state: 'succeeded', step: 'done', finishedAt: now, files } : {}),
      progress: { ...value.progress, calls: value.progress.calls + counted.calls() },
      sequence: value.sequence + 1,
      attempts: 0,
      heartbeatAt: now,
    }),
  );
}

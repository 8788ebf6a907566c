import type { Row } from '../storage/table.ts';
import { gatherTask } from './gather-task.ts';
import { orLate, unitMs } from './late-worker.ts';
import { meteredClient } from './metered-client.ts';
import { onward } from './onward.ts';
import type { Run } from './run.ts';
import type { RunDeps } from './run-deps.ts';

/** Gathers a stretch of what the inventories don't hold. The run then makes its report. */
export async function gatherRun(deps: RunDeps, row: Row<Run>): Promise<Row<Run>> {
  const { rows, gathering, graphFor, ports } = deps;
  const metered = await meteredClient(graphFor, row.value.connectionId);
  const task = await gatherTask(deps, row.value, metered.client);
  const unit = await gathering.unit(task, row.value.gathering, ports.clock() + unitMs);
  const next = onward(row.value, unit.done ? 'report' : 'gather', ports.clock(), metered);
  const spentGathering = (row.value.spentGathering ?? 0) + metered.units();
  return orLate(await rows.save(row, { ...next, gathering: unit.state, spentGathering }));
}

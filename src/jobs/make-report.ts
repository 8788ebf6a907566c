import type { InventoryRow } from '../inventory/inventory-item.ts';
import type { Row } from '../storage/table.ts';
import { fileStamp } from './file-stamp.ts';
import { inventoryCsv } from './inventory-csv.ts';
import type { Part, Run } from './run.ts';
import { orLate, type RunDeps } from './run-deps.ts';

/** Writes the report into the container `reports`. The name follows from the run, so that doing it again makes the same file. */
export async function makeReport(deps: RunDeps, row: Row<Run>, parts: readonly Part[]): Promise<Row<Run>> {
  const { rows, blobs, ports } = deps;
  const { value } = row;
  const stamp = fileStamp(value.dueAt ?? value.createdAt, value.definition.schedule.timeZone);
  const name = `${value.job}-${stamp}.csv`;
  const blob = `${value.job}/${value.id}/${name}`;
  const csv = inventoryCsv(itemsOf(deps, parts));
  const contentType = 'text/csv; charset=utf-8';
  const size = await blobs.putStream(blob, csv.stream, contentType);
  return orLate(
    await rows.save(row, {
      ...value,
      step: 'deliver',
      sequence: value.sequence + 1,
      attempts: 0,
      heartbeatAt: ports.clock(),
      files: [{ name, blob, contentType, size, rows: csv.rows() }],
    }),
  );
}

async function* itemsOf({ inventory }: RunDeps, parts: readonly Part[]): AsyncGenerator<InventoryRow> {
  for (const { snapshot } of parts) if (snapshot) yield* inventory.rows(snapshot);
}

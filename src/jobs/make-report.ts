import { tmpdir } from 'node:os';
import { createDucks } from '../inventory/duck.ts';
import type { Row } from '../storage/table.ts';
import { fileStamp } from './file-stamp.ts';
import { inventoryCsv } from './inventory-csv.ts';
import type { Part, Run } from './run.ts';
import { orLate, type RunDeps } from './run-deps.ts';

const withDuck = createDucks();

/** Writes the report into the container `reports`. The name follows from the run, so that doing it again makes the same file. */
export async function makeReport(deps: RunDeps, row: Row<Run>, parts: readonly Part[]): Promise<Row<Run>> {
  const { rows, blobs, inventory, ports } = deps;
  const { value } = row;
  const stamp = fileStamp(value.dueAt ?? value.createdAt, value.definition.schedule.timeZone);
  const name = `${value.job}-${stamp}.csv`;
  const blob = `${value.job}/${value.id}/${name}`;
  const contentType = 'text/csv; charset=utf-8';
  const { rows: count, size } = await withDuck({ folder: tmpdir(), memoryLimitMb: 128 }, async (duck) => {
    const opened = await Promise.all(
      parts.flatMap(({ snapshot }) => (snapshot ? [inventory.open(snapshot)] : [])),
    );
    try {
      const csv = inventoryCsv(
        duck,
        opened.flatMap(({ files }) => files),
      );
      return { size: await blobs.putStream(blob, csv.stream, contentType), rows: csv.rows() };
    } finally {
      for (const each of opened) await each.close();
    }
  });
  return orLate(
    await rows.save(row, {
      ...value,
      step: 'deliver',
      sequence: value.sequence + 1,
      attempts: 0,
      heartbeatAt: ports.clock(),
      files: [{ name, blob, contentType, size, rows: count }],
    }),
  );
}

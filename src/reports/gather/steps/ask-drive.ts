import type { Snapshot } from '../../../inventory/inventory.ts';
import { openDuck } from '../../data/duck.ts';
import { parquet } from '../../data/open-views.ts';
import { type Sql, sql } from '../../data/sql.ts';
import type { Row } from '../../report.ts';
import type { GatherUnitContext } from '../gather-unit.ts';

const memoryLimitMb = 128;

/** Asks one drive's inventory, which is the view `items`; rows come in batches. */
export async function askDrive(
  { inventory, local }: GatherUnitContext,
  snapshot: Snapshot,
  query: Sql,
  take: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  if (snapshot.items === 0) return;
  await local.withFolder(async (folder) => {
    const opened = await inventory.open(snapshot);
    try {
      const duck = await openDuck({ folder, memoryLimitMb });
      try {
        await duck.run(sql`CREATE VIEW items AS SELECT * FROM ${parquet(opened.files)}`);
        for await (const rows of duck.stream(query)) await take(rows);
      } finally {
        duck.close();
      }
    } finally {
      await opened.close();
    }
  });
}

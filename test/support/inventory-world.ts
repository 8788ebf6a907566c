import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { createDucks, fileList } from '../../src/inventory/duck.ts';
import { createInventory, type Inventory, type Snapshot } from '../../src/inventory/inventory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createTestStorage } from './jobs-world.ts';
import { freshStorage } from './storage.ts';

export interface InventoryWorld {
  readonly inventory: Inventory;
  readonly storage: Pick<Storage, 'table' | 'blobs'>;
  time: number;
  /** Names of all blobs. */
  blobs(): Promise<string[]>;
  /** Rows of a query over the inventory as `items`. */
  query(snapshot: Snapshot, sql: string): Promise<Record<string, unknown>[]>;
  /** `path id` of everything but the root, in the order of the files. */
  paths(snapshot: Snapshot): Promise<string[]>;
}

const withDuck = createDucks();

export async function createInventoryWorld(time = Date.UTC(2026, 2, 2, 12)): Promise<InventoryWorld> {
  const storage = createTestStorage(await freshStorage());
  const world = { time };
  const inventory = createInventory({
    storage,
    ports: {
      clock: () => world.time,
      random: (n) => randomBytes(n),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
  });

  const query = (snapshot: Snapshot, sql: string) => queryOf(inventory, snapshot, sql);

  return Object.assign(world, {
    inventory,
    storage,
    query,
    async blobs() {
      const names: string[] = [];
      for await (const { name } of storage.blobs('inventory').list('')) names.push(name);
      return names;
    },
    async paths(snapshot: Snapshot) {
      const rows = await query(
        snapshot,
        "SELECT path || ' ' || item_id AS line FROM items WHERE kind <> 'root'",
      );
      return rows.map((row) => String(row.line));
    },
  });
}

/** Rows of a query over an inventory as `items`. */
export async function queryOf(inventory: Pick<Inventory, 'open'>, snapshot: Snapshot, sql: string) {
  const { files, close } = await inventory.open(snapshot);
  try {
    return await withDuck({ folder: tmpdir(), memoryLimitMb: 256 }, async (duck) => {
      await duck.run(`CREATE VIEW items AS SELECT * FROM read_parquet(${fileList(files)})`);
      return duck.rows(sql);
    });
  } finally {
    await close();
  }
}

/** Crawls until it is complete, in units of `maxPages`. */
export async function crawlAll(
  inventory: Inventory,
  options: Omit<Parameters<Inventory['crawl']>[1], 'deadline'>,
  driveId = 'drive-1',
  connectionId = 'con_one',
) {
  for (let unit = 0; unit < 10_000; unit += 1) {
    const deadline = Number.MAX_SAFE_INTEGER;
    const outcome = await inventory.crawl({ connectionId, driveId }, { ...options, deadline });
    if (outcome.kind === 'complete') return outcome;
  }
  throw new Error('the crawl has no end');
}

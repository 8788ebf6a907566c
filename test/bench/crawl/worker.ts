import { tmpdir } from 'node:os';
import { createGraph } from '../../../src/graph/client.ts';
import { deltaStart } from '../../../src/graph/delta.ts';
import { createDucks, fileList } from '../../../src/inventory/duck.ts';
import { createInventory, type Snapshot } from '../../../src/inventory/inventory.ts';
import { type Ports, systemPorts } from '../../../src/ports.ts';
import { createBlobs } from '../../../src/storage/blobs.ts';
import { createStorageClients } from '../../../src/storage/clients.ts';
import { createTable } from '../../../src/storage/table.ts';
import { type CrawlResult, crawlTask } from './task.ts';

// The measured process: what it takes in time and memory is its own, not that of the tenant or of the storage.

const task = crawlTask.parse(JSON.parse(process.env.CRAWL_TASK ?? '{}'));
let calls = 0;
let throttled = 0;
const silent = () => undefined;
const ports: Ports = {
  ...systemPorts,
  log: { info: silent, warn: silent, error: silent },
  async fetch(address, init) {
    calls += 1;
    const size = task.pageSize;
    const at = size === undefined ? address : String(address).replace(/top=1000\b/, `top=${size}`);
    const response = await fetch(at, init);
    if (response.status === 429) throttled += 1;
    return response;
  },
};
const clients = createStorageClients({ kind: 'connectionString', connectionString: task.storage }, () => {
  throw new Error('a connection string needs no identity');
});
const storage = {
  table: <T>(options: Parameters<typeof createTable<T>>[1]) => createTable(clients, options),
  blobs: (container: string) => createBlobs(clients, container),
};

const queries: Readonly<Record<string, string>> = {
  age: "SELECT date_trunc('year', modified_at) AS y, count(*), sum(size) FROM items WHERE kind = 'file' GROUP BY y",
  folder:
    "SELECT parent_id, count(*), sum(size) AS s FROM items WHERE kind = 'file' GROUP BY parent_id ORDER BY s DESC LIMIT 100",
  duplicates:
    "SELECT hash, size, count(*) AS c FROM items WHERE kind = 'file' AND hash IS NOT NULL GROUP BY hash, size HAVING c > 1 ORDER BY size * c DESC LIMIT 100",
  largest: "SELECT path, size FROM items WHERE kind = 'file' ORDER BY size DESC LIMIT 100",
};

const started = performance.now();
const result = await (task.kind === 'floor' ? floor() : ours());
const answer: CrawlResult = {
  ms: performance.now() - started,
  calls,
  throttled,
  rss: process.resourceUsage().maxRSS / 1024,
  ...result,
};
console.log(JSON.stringify(answer));
process.exit();

async function ours() {
  const graph = createGraph({ graphUrl: task.graphUrl, ports, storage });
  const client = graph.for(async () => task.token, {
    tenantId: task.tenantId,
    appId: task.appId,
    priority: 'reports',
  });
  const inventory = createInventory({ storage, ports });
  const snapshots = await Promise.all(task.driveIds.map(crawl));
  const timed = task.kind === 'report' ? await runQueries(inventory, snapshots) : {};
  return {
    items: snapshots.reduce((sum, { items }) => sum + items, 0),
    bytes: snapshots.flatMap(({ parts }) => parts).reduce((sum, { size }) => sum + size, 0),
    queries: timed,
  };

  async function crawl(driveId: string, index: number): Promise<Snapshot> {
    const key = { connectionId: `${task.connection}-${index}`, driveId };
    for (;;) {
      const deadline = Date.now() + 60_000;
      try {
        const outcome = await inventory.crawl(key, { client, holder: task.holder, deadline });
        if (outcome.kind === 'complete') return outcome.snapshot;
      } catch (error) {
        const seconds = (error as { retryAfter?: number }).retryAfter;
        if (seconds === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      }
    }
  }
}

async function runQueries(inventory: ReturnType<typeof createInventory>, snapshots: readonly Snapshot[]) {
  const timed: Record<string, number> = {};
  const opened = await Promise.all(snapshots.map((snapshot) => inventory.open(snapshot)));
  await createDucks()({ folder: tmpdir(), memoryLimitMb: 192 }, async (duck) => {
    await duck.run(
      `CREATE VIEW items AS SELECT * FROM read_parquet(${fileList(opened.flatMap(({ files }) => files))})`,
    );
    for (const [name, sql] of Object.entries(queries)) {
      const from = performance.now();
      await duck.rows(sql);
      timed[name] = performance.now() - from;
    }
  });
  for (const each of opened) await each.close();
  return timed;
}

/** The least that reading the feed can take: one page after the other, parsed and forgotten. */
async function floor() {
  let items = 0;
  for (const driveId of task.driveIds) {
    let link: string | undefined = `${task.graphUrl}/v1.0${deltaStart(driveId, { top: 1000 })}`;
    while (link !== undefined) {
      const response = await ports.fetch(link, { headers: { authorization: `Bearer ${task.token}` } });
      const page = (await response.json()) as { value: unknown[]; '@odata.nextLink'?: string };
      items += page.value.length;
      link = page['@odata.nextLink'];
    }
  }
  return { items, bytes: 0, queries: {} };
}

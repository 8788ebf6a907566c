import { setTimeout as after } from 'node:timers/promises';
import { createGraph } from '../../src/graph/client.ts';
import { createInventory } from '../../src/inventory/inventory.ts';
import { type Ports, systemPorts } from '../../src/ports.ts';
import type { Blobs } from '../../src/storage/blobs.ts';
import { createBlobs } from '../../src/storage/blobs.ts';
import { createStorageClients } from '../../src/storage/clients.ts';
import { createTable, type Table } from '../../src/storage/table.ts';

// A process that reads one drive and may be killed at any moment: it writes a dot for everything that it begins or ends outside itself,
// so that somebody can choose the moment. It loads all it needs, then waits for a line with its task.

export interface CrawlOrder {
  readonly graphUrl: string;
  readonly token: string;
  readonly storage: string;
  readonly connection: string;
  readonly driveId: string;
  readonly holder: string;
}

const order = await firstLine();
const dot = () => process.stdout.write('.');
const silent = () => undefined;
const ports: Ports = {
  ...systemPorts,
  log: { info: silent, warn: silent, error: silent },
  fetch: (address, init) => {
    dot();
    return fetch(address, init).finally(dot);
  },
};
const clients = createStorageClients({ kind: 'connectionString', connectionString: order.storage }, () => {
  throw new Error('a connection string needs no identity');
});
const storage = {
  table: <T>(options: Parameters<typeof createTable<T>>[1]): Table<T> =>
    dotted(createTable(clients, options)),
  blobs: (container: string): Blobs => dotted(createBlobs(clients, container)),
};
// A tenant of its own for each connection: here no budget is to stand in the way.
const payer = { tenantId: order.connection, appId: 'app', priority: 'reports' } as const;
const client = createGraph({ graphUrl: order.graphUrl, ports, storage }).for(async () => order.token, payer);
const inventory = createInventory({ storage, ports });

for (;;) {
  const key = { connectionId: order.connection, driveId: order.driveId };
  // Small units, so that much is saved and gone on from.
  const unit = { client, holder: order.holder, deadline: Date.now() + 60_000, maxPages: 3 };
  try {
    const outcome = await inventory.crawl(key, unit);
    if (outcome.kind === 'complete') break;
    if (outcome.kind === 'busy') await after(outcome.retryAfter * 100);
  } catch (error) {
    if ((error as { retryable?: boolean }).retryable !== true) throw error;
    await after(50);
  }
}
process.stdout.write('done');
process.exit();

/** Each call of a method begins and ends with a dot; lists are left as they are. */
function dotted<T extends object>(of: T): T {
  return new Proxy(of, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || name === 'list') return value;
      return (...given: unknown[]) => {
        dot();
        const result: unknown = value.apply(target, given);
        return result instanceof Promise ? result.finally(dot) : result;
      };
    },
  });
}

async function firstLine(): Promise<CrawlOrder> {
  process.stdout.write('ready');
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return JSON.parse(text) as CrawlOrder;
}

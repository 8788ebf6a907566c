import { randomBytes } from 'node:crypto';
import type { Connection } from '../../src/broker/connection.ts';
import type { GraphClient } from '../../src/graph/graph-client.ts';
import type { Meter } from '../../src/graph/meter.ts';
import { priceOf } from '../../src/graph/price.ts';
import { createInventory } from '../../src/inventory/inventory.ts';
import { createJobs, type Jobs } from '../../src/jobs/jobs.ts';
import type { Ports } from '../../src/ports.ts';
import { createGathering } from '../../src/reports/gather/gathering.ts';
import { createBlobs } from '../../src/storage/blobs.ts';
import { createStorageClients } from '../../src/storage/clients.ts';
import { createEnvelope } from '../../src/storage/envelope.ts';
import { createQueue } from '../../src/storage/queue.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createTable } from '../../src/storage/table.ts';
import { type Life, mortalStorage } from './mortal-storage.ts';
import { createQueuePump } from './queue-pump.ts';
import { freshStorage } from './storage.ts';

export interface JobsWorld {
  readonly jobs: Jobs;
  readonly storage: Pick<Storage, 'table' | 'sealedTable' | 'queue' | 'blobs'>;
  readonly pump: ReturnType<typeof createQueuePump>;
  readonly connection: Connection;
  /** By alias and by id; a test may add to them, or take some away. */
  readonly connections: Map<string, Connection>;
  /** The clock of the product; it stands still until it is set. */
  time: number;
  /** Works on the deliveries that are visible now; how many messages there were. */
  deliver(): Promise<number>;
  /** Works until the run is over. */
  finish(runId: string): Promise<NonNullable<Awaited<ReturnType<Jobs['runs']['get']>>>>;
}

/** Jobs over a storage account of their own, with one connection `contoso` whose Graph is `client`. */
export async function createJobsWorld(
  client: GraphClient,
  time = Date.UTC(2026, 2, 2, 12),
  { tempDir, life }: { tempDir?: string; life?: Life } = {},
): Promise<JobsWorld> {
  const connectionString = await freshStorage();
  const world = { time };
  const ports: Ports = {
    clock: () => world.time,
    random: (n) => randomBytes(n),
    fetch: () => Promise.reject(new Error('nothing here uses the network')),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  const real = createTestStorage(connectionString);
  const storage = life ? mortalStorage(real, life) : real;
  const connection: Connection = {
    id: 'con_one',
    kind: 'app',
    alias: 'contoso',
    tenantId: 'tenant-1',
    scopes: ['Files.ReadWrite.All', 'Sites.ReadWrite.All'],
    health: 'active',
    createdAt: time,
    createdBy: 'admin',
    epoch: 1,
  };
  const connections = new Map([
    [connection.alias, connection],
    [connection.id, connection],
  ]);
  const inventory = createInventory({ storage, ports });
  const jobs = createJobs({
    storage,
    inventory,
    ports,
    gathering: createGathering({ storage, inventory, ports }),
    publicUrl: 'https://valet.test',
    ...(tempDir === undefined ? {} : { tempDir }),
    secret: () => Promise.resolve(undefined),
    post: () => Promise.reject(new Error('nothing here uses the network')),
    graphFor: (_connection, _priority, meter) => Promise.resolve(metered(client, meter)),
    connections: { get: (name) => Promise.resolve(connections.get(name)) },
  });
  const pump = createQueuePump(connectionString, 'runs', (message) => jobs.work(message));
  const deliveries = createQueuePump(connectionString, 'deliveries', (message) => jobs.deliver(message));
  return Object.assign(world, {
    jobs,
    storage,
    pump,
    deliver: deliveries.round,
    connection,
    connections,
    async finish(runId: string) {
      await pump.until(async () => {
        await deliveries.round();
        const run = await jobs.runs.get(runId);
        return run !== undefined && run.state !== 'waiting' && run.state !== 'running';
      });
      const run = await jobs.runs.get(runId);
      if (!run) throw new Error(`the run ${runId} is gone`);
      return run;
    },
  });
}

/** What a call of this client costs, as the gate counts it. */
function metered(client: GraphClient, meter: Meter | undefined): GraphClient {
  return {
    ...client,
    call(call) {
      meter?.add({
        units: priceOf(call.method ?? 'GET', new URL(call.path, 'https://graph.test').href).units,
      });
      return client.call(call);
    },
  };
}

/** The real storage code on Azurite, with an encryption key of its own. */
export function createTestStorage(
  connectionString: string,
): Pick<Storage, 'table' | 'sealedTable' | 'queue' | 'blobs'> {
  const clients = createStorageClients({ kind: 'connectionString', connectionString }, () => {
    throw new Error('a connection string needs no identity');
  });
  const key = { id: randomBytes(16).toString('hex'), bytes: randomBytes(32) };
  const ring = { active: () => Promise.resolve(key), byId: () => Promise.resolve(key) };
  const envelope = createEnvelope(ring, randomBytes);
  return {
    table: (options) => createTable(clients, options),
    sealedTable: (options) => createTable(clients, { ...options, envelope }),
    queue: (name, schema) => createQueue(clients, name, schema),
    blobs: (container) => createBlobs(clients, container),
  };
}

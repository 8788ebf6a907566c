import { odata, TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { StorageConfig } from '../config.ts';
import { createTimeLimit } from './time-limit.ts';

export { odata };

/** Somebody waits for a row: an outage is told in seconds. What can wait longer tries again by itself. */
const tableOptions = {
  additionalPolicies: [createTimeLimit()],
  retryOptions: { maxRetries: 3, retryDelayInMs: 150, maxRetryDelayInMs: 1_000 },
};

/** The Azure SDK clients of one storage account; each creates its table, queue or container on first use. */
export interface StorageClients {
  table(name: string): Promise<TableClient>;
  queue(name: string): Promise<QueueClient>;
  container(name: string): Promise<ContainerClient>;
}

/**
 * Connection string (Azurite, local) or identity (Azure). Creation is tried once for each name and process; a failed
 * try is forgotten, so that the next use tries again.
 */
export function createStorageClients(
  config: StorageConfig,
  credential: () => TokenCredential,
): StorageClients {
  const tables = new Map<string, Promise<TableClient>>();
  const queues = new Map<string, Promise<QueueClient>>();
  const containers = new Map<string, Promise<ContainerClient>>();
  const queueService = once(() =>
    config.kind === 'connectionString'
      ? QueueServiceClient.fromConnectionString(config.connectionString)
      : new QueueServiceClient(config.queueUrl, credential()),
  );
  const blobService = once(() =>
    config.kind === 'connectionString'
      ? BlobServiceClient.fromConnectionString(config.connectionString)
      : new BlobServiceClient(config.blobUrl, credential()),
  );

  return {
    table: (name) =>
      memoise(tables, name, async () => {
        const client =
          config.kind === 'connectionString'
            ? TableClient.fromConnectionString(config.connectionString, name, {
                ...tableOptions,
                allowInsecureConnection: true,
              })
            : new TableClient(config.tableUrl, name, credential(), tableOptions);
        await client.createTable();
        return client;
      }),
    queue: (name) =>
      memoise(queues, name, async () => {
        const client = queueService().getQueueClient(name);
        await client.createIfNotExists();
        return client;
      }),
    container: (name) =>
      memoise(containers, name, async () => {
        const client = blobService().getContainerClient(name);
        await client.createIfNotExists();
        return client;
      }),
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function memoise<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const existing = known.get(name);
  if (existing) return existing;
  const made = make();
  known.set(name, made);
  made.catch(() => known.delete(name));
  return made;
}

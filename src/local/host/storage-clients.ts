import type { TokenCredential } from '@azure/identity';
import type { BlobServiceClient } from '@azure/storage-blob';
import type { QueueServiceClient } from '@azure/storage-queue';

/** Clients for the storage account behind a connection name; made once each and only when asked for. */
export interface StorageClients {
  queues(connection: string): Promise<QueueServiceClient>;
  blobs(connection: string): Promise<BlobServiceClient>;
}

type Connection =
  | { readonly kind: 'string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly serviceUri: string; readonly clientId: string | undefined };

// The listeners have their own endless back-off; the SDK's long one would only hide an outage from the log.
const clientOptions = { retryOptions: { maxTries: 2, retryDelayInMs: 100, tryTimeoutInMs: 10_000 } };

/**
 * The SDKs are imported on first use: an app that has HTTP functions only starts without them. Rejects, naming
 * the setting, when the connection is not configured.
 */
export function createStorageClients(env: NodeJS.ProcessEnv): StorageClients {
  const queueClients = new Map<string, Promise<QueueServiceClient>>();
  const blobClients = new Map<string, Promise<BlobServiceClient>>();

  async function queueClient(name: string): Promise<QueueServiceClient> {
    const { QueueServiceClient } = await import('@azure/storage-queue');
    const found = findConnection(name, 'queue', env);
    return found.kind === 'string'
      ? QueueServiceClient.fromConnectionString(found.connectionString, clientOptions)
      : new QueueServiceClient(found.serviceUri, await credential(found.clientId), clientOptions);
  }

  async function blobClient(name: string): Promise<BlobServiceClient> {
    const { BlobServiceClient } = await import('@azure/storage-blob');
    const found = findConnection(name, 'blob', env);
    return found.kind === 'string'
      ? BlobServiceClient.fromConnectionString(found.connectionString, clientOptions)
      : new BlobServiceClient(found.serviceUri, await credential(found.clientId), clientOptions);
  }

  return {
    queues: (name) => remembered(queueClients, name, queueClient),
    blobs: (name) => remembered(blobClients, name, blobClient),
  };
}

function remembered<T>(known: Map<string, Promise<T>>, name: string, create: (name: string) => Promise<T>) {
  const created = known.get(name) ?? create(name);
  known.set(name, created);
  return created;
}

async function credential(clientId: string | undefined): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
}

/** `NAME` is a connection string, `NAME__queueServiceUri` the identity form; `AzureWebJobsNAME` is tried first. */
export function findConnection(name: string, service: 'queue' | 'blob', env: NodeJS.ProcessEnv): Connection {
  for (const prefix of [`AzureWebJobs${name}`, name]) {
    const connectionString = env[prefix];
    if (connectionString) return { kind: 'string', connectionString };
    const account = env[`${prefix}__accountName`];
    const serviceUri =
      env[`${prefix}__${service}ServiceUri`] ?? (account && `https://${account}.${service}.core.windows.net`);
    if (serviceUri) return { kind: 'identity', serviceUri, clientId: env[`${prefix}__clientId`] };
  }
  throw new Error(
    `The setting "${name}" is missing: it names the storage account (or ${name}__${service}ServiceUri).`,
  );
}

import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import type { Clock, Random } from '../ports.ts';
import { type Blobs, createBlobs } from './blobs.ts';
import { createStorageClients } from './clients.ts';
import { createEnvelope, type Envelope } from './envelope.ts';
import { createKeyRing, type KeyRing } from './key-ring.ts';
import { createLeases, type Leases } from './leases.ts';
import { createPoison, type Poison } from './poison.ts';
import { createQueue, type Queue } from './queue.ts';
import { createRewrite, type Rewrite } from './rewrite.ts';
import { createSweep } from './sweep.ts';
import { createTable, type Table, type TableOptions } from './table.ts';
import { createVault, type Vault } from './vault.ts';

/** Everything that is kept outside the process. */
export interface Storage {
  readonly vault: Vault;
  readonly keys: KeyRing;
  readonly leases: Leases;
  table<T>(options: TableOptions<T>): Table<T>;
  /** A table whose documents are encrypted. */
  sealedTable<T>(options: Omit<TableOptions<T>, 'envelope'>): Table<T>;
  queue<T>(name: string, schema: z.ZodType<T>): Queue<T>;
  blobs(container: string): Blobs;
  readonly poison: Poison;
  readonly envelope: Envelope;
  readonly rewrite: Rewrite;
  /** Removes rows that have expired; returns how many. */
  readonly sweep: (limit?: number) => Promise<number>;
  /** The app's own Azure identity (managed identity in Azure). */
  readonly credential: () => TokenCredential;
}

/** Builds the clients; nothing is asked of the network before the first use. */
export function createStorage(config: Config, ports: { clock: Clock; random: Random }): Storage {
  let identity: TokenCredential | undefined;
  const credential = () => {
    const clientId = config.entra.managedIdentityClientId;
    identity ??= new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
    return identity;
  };
  const clients = createStorageClients(config.storage, credential);
  const vault = createVault(config.vaultUrl, credential);
  const keys = createKeyRing(vault, ports.clock);
  const envelope = createEnvelope(keys, ports.random);

  return {
    vault,
    keys,
    envelope,
    credential,
    sweep: createSweep(clients, ports.clock),
    rewrite: createRewrite({ clients, envelope, clock: ports.clock }),
    leases: createLeases(clients, ports.clock, ports.random),
    table: (options) => createTable(clients, options),
    sealedTable: (options) => createTable(clients, { ...options, envelope }),
    queue: (name, schema) => createQueue(clients, name, schema),
    blobs: (container) => createBlobs(clients, container),
    poison: createPoison(clients),
  };
}

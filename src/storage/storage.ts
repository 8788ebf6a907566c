import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import type { Ports } from '../ports.ts';
import { type Blobs, createBlobs } from './blobs.ts';
import { createStorageClients } from './clients.ts';
import { createEnvelope, type Envelope } from './envelope.ts';
import { createKeyCheck, withKeyCheck } from './key-check.ts';
import { createKeyRing, type KeyRing } from './key-ring.ts';
import { createKeyRotation, type KeyRotation } from './key-rotation.ts';
import { createLeases, type Leases } from './leases.ts';
import { createPoison, type Poison } from './poison.ts';
import { createQueue, type Queue } from './queue.ts';
import { createRewrap } from './rewrap.ts';
import { createRewrite, type Rewrite } from './rewrite.ts';
import { createRingRow } from './ring-row.ts';
import { type SealedTableName, sealedTables } from './sealed-tables.ts';
import { createSweep } from './sweep.ts';
import { createTable, type Table, type TableOptions } from './table.ts';
import { createVault, type Vault } from './vault.ts';

/** Everything that is kept outside the process. */
export interface Storage {
  readonly vault: Vault;
  readonly keys: KeyRing;
  /** Throws `credential_undecryptable` when the keys do not open what is stored; nothing is sealed before it has passed. */
  readonly keyCheck: () => Promise<void>;
  readonly keyRotation: KeyRotation;
  readonly leases: Leases;
  table<T>(options: TableOptions<T>): Table<T>;
  /** A table whose documents are encrypted. */
  sealedTable<T>(options: SealedTableOptions<T>): Table<T>;
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

export interface SealedTableOptions<T> extends Omit<TableOptions<T>, 'envelope' | 'version' | 'name'> {
  readonly name: SealedTableName;
}

/** Builds the clients; nothing is asked of the network before the first use. */
export function createStorage(config: Config, ports: Pick<Ports, 'clock' | 'random' | 'log'>): Storage {
  let identity: TokenCredential | undefined;
  const credential = () => {
    const clientId = config.entra.managedIdentityClientId;
    identity ??= new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
    return identity;
  };
  const clients = createStorageClients(config.storage, credential);
  const vault = createVault(config.vaultUrl, credential);
  const ring = createRingRow(clients);
  const keys = createKeyRing(vault, ports.clock, async () => (await ring.read())?.value);
  const unchecked = createEnvelope(keys, ports.random);
  const keyCheck = createKeyCheck(clients, unchecked);
  const envelope = withKeyCheck(unchecked, keyCheck);

  const leases = createLeases(clients, ports.clock, ports.random);
  const keyRotation = createKeyRotation({
    ring,
    rewrap: createRewrap(clients, envelope),
    vault,
    leases,
    rotateAfterDays: config.keyRotationDays,
    ...ports,
  });

  return {
    vault,
    keys,
    keyCheck,
    keyRotation,
    envelope,
    credential,
    sweep: createSweep(clients, ports.clock),
    rewrite: createRewrite({ clients, envelope, clock: ports.clock }),
    leases,
    table: (options) => createTable(clients, options),
    sealedTable: (options) =>
      createTable(clients, { ...options, version: sealedTables[options.name], envelope }),
    queue: (name, schema) => createQueue(clients, name, schema),
    blobs: (container) => createBlobs(clients, container),
    poison: createPoison(clients),
  };
}

import type { Clock } from '../ports.ts';
import { odata, type StorageClients } from './clients.ts';
import { toStorageError } from './storage-error.ts';

/** Tables whose rows carry `expiresAt`; Table Storage has no expiry of its own. */
export const expiringTables = [
  'flows',
  'sessions',
  'grants',
  'echoes',
  'operations',
  'occurrences',
  'audit',
  'runs',
  'jobs',
] as const;

/** Removes rows whose `expiresAt` is past, at most `limit` in one call. Returns how many it removed. */
export function createSweep(clients: StorageClients, clock: Clock): (limit?: number) => Promise<number> {
  return async (limit = 5_000) => {
    const now = Math.floor(clock() / 1000);
    let removed = 0;
    for (const name of expiringTables) {
      try {
        const client = await clients.table(name);
        const expired = client.listEntities({
          queryOptions: { filter: odata`expiresAt lt ${now}`, select: ['partitionKey', 'rowKey'] },
        });
        for await (const { partitionKey, rowKey } of expired) {
          if (removed >= limit) return removed;
          if (!partitionKey || !rowKey) continue;
          await client.deleteEntity(partitionKey, rowKey);
          removed += 1;
        }
      } catch (error) {
        throw toStorageError(error, `The table ${name}`);
      }
    }
    return removed;
  };
}

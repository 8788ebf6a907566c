import { z } from 'zod';
import { isAppError } from '../errors.ts';
import { type Clock, newId, type Random } from '../ports.ts';
import type { StorageClients } from './clients.ts';
import { createTable } from './table.ts';

export interface Lease {
  /** Grows with every holder of this name: a write that carries a smaller number than the stored one is late. */
  readonly fence: number;
  /** Extends by the same time again. False: the lease was lost, stop. */
  renew(): Promise<boolean>;
  /** Frees it when it is still ours; harmless otherwise. */
  release(): Promise<void>;
}

export interface Leases {
  /** The lease, or undefined while somebody else holds it. It ends by itself after `seconds`. */
  take(name: string, seconds: number): Promise<Lease | undefined>;
  /** Removes the rows of all names that begin with `prefix`, for what will never be asked for again. */
  forgetAll(prefix: string): Promise<void>;
}

const leaseRow = z.object({ owner: z.string(), fence: z.number().int(), until: z.number() });

/** Leases as rows of the table `leases`, decided by ETag, so that they hold across instances. */
export function createLeases(clients: StorageClients, clock: Clock, random: Random): Leases {
  const table = createTable(clients, { name: 'leases', schema: leaseRow });
  const partition = 'lease';

  return {
    async forgetAll(prefix) {
      for await (const { row } of table.list({ partition, from: prefix, before: `${prefix}\u007f` })) {
        await table.remove(partition, row);
      }
    },

    async take(name, seconds) {
      const owner = newId('own', random);
      const existing = await table.get(partition, name);
      if (existing && isHeld(existing.value, seconds, clock())) return undefined;
      const fence = (existing?.value.fence ?? 0) + 1;
      const value = { owner, fence, until: clock() + seconds * 1000 };
      let held = await unlessLost(() =>
        existing ? table.replace(existing, value) : table.insert(partition, name, value),
      );
      if (!held) return undefined;

      return {
        fence,
        async renew() {
          if (!held) return false;
          const row = held;
          held = await unlessLost(() =>
            table.replace(row, { owner, fence, until: clock() + seconds * 1000 }),
          );
          return held !== undefined;
        },
        async release() {
          if (!held) return;
          const row = held;
          held = undefined;
          await unlessLost(() => table.replace(row, { owner: '', fence, until: 0 }));
        },
      };
    },
  };
}

/** Clocks of instances differ a little. An end that lies further away was written by a clock that was wrong. */
const skewMs = 60_000;

function isHeld({ owner, until }: z.infer<typeof leaseRow>, seconds: number, now: number): boolean {
  return owner !== '' && until > now && until <= now + seconds * 1000 + skewMs;
}

async function unlessLost<R>(work: () => Promise<R>): Promise<R | undefined> {
  try {
    return await work();
  } catch (error) {
    if (
      isAppError(error, 'conflict') ||
      isAppError(error, 'precondition_failed') ||
      isAppError(error, 'not_found')
    ) {
      return undefined;
    }
    throw error;
  }
}

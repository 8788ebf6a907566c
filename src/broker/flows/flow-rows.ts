import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import { sha256 } from '../digest.ts';

/** What a flow needs to remember between two requests of a browser; looked up by a secret that only the browser has. */
export interface FlowRows<T> {
  put(secret: string, value: T, seconds: number): Promise<void>;
  /** Exactly one caller gets it, however many ask at once. Undefined: never begun, taken, or swept. */
  take(secret: string): Promise<{ readonly value: T; readonly expired: boolean } | undefined>;
  /** For a flow that takes several requests. */
  read(secret: string): Promise<FlowRow<T> | undefined>;
  /** Ends every flow that remembers such a thing. Resolves to how many. */
  endAll(which: (value: T) => boolean): Promise<number>;
}

export interface FlowRow<T> {
  readonly value: T;
  readonly expired: boolean;
  /** False when somebody changed or took it since it was read. */
  change(value: T): Promise<boolean>;
  /** True for exactly one caller. */
  take(): Promise<boolean>;
}

/** Rows of the sealed table `flows`, keyed by the SHA-256 of the secret. */
export function createFlowRows<T>(
  storage: Pick<Storage, 'sealedTable'>,
  clock: Clock,
  options: { readonly partition: string; readonly schema: z.ZodType<T> },
): FlowRows<T> {
  const table = storage.sealedTable({
    name: 'flows',
    schema: z.object({ value: options.schema, expiresAt: z.number() }),
    // Kept for a day after its end, so that a late callback hears that it is late.
    expiresAt: (row) => Math.ceil(row.expiresAt / 1000) + 86_400,
  });
  const { partition } = options;
  return {
    async put(secret, value, seconds) {
      await table.insert(partition, sha256(secret), { value, expiresAt: clock() + seconds * 1000 });
    },
    async take(secret) {
      const row = await table.get(partition, sha256(secret));
      if (!row || !(await table.remove(partition, row.row))) return undefined;
      return { value: row.value.value, expired: row.value.expiresAt <= clock() };
    },
    async endAll(which) {
      let ended = 0;
      for await (const { row, value } of table.list({ partition })) {
        if (which(value.value) && (await table.remove(partition, row))) ended += 1;
      }
      return ended;
    },
    async read(secret) {
      const row = await table.get(partition, sha256(secret));
      if (!row) return undefined;
      const { value, expiresAt } = row.value;
      return {
        value,
        expired: expiresAt <= clock(),
        take: () => table.remove(partition, row.row),
        async change(next) {
          try {
            await table.replace(row, { value: next, expiresAt });
            return true;
          } catch (error) {
            if (isAppError(error, 'precondition_failed') || isAppError(error, 'not_found')) return false;
            throw error;
          }
        },
      };
    },
  };
}

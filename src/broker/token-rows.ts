import { z } from 'zod';
import { isAppError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { sha256 } from './digest.ts';
import { msalCredentialsSchema } from './msal-partition.ts';
import { storedAnswerSchema } from './stored-answer.ts';

const tokenRow = z.object({
  /** Number of the lease under which it was written: a smaller one is late. */
  fence: z.number().int(),
  /** Account and refresh token; of a user connection only. */
  credentials: msalCredentialsSchema.optional(),
  answers: z.array(storedAnswerSchema),
  /** Until then (ms) Microsoft is not asked again for this account, by any instance; `code` says why. */
  pause: z
    .object({
      from: z.number().default(0),
      until: z.number(),
      code: z.enum(['throttled', 'upstream_unavailable']),
    })
    .optional(),
});
export type TokenRow = z.infer<typeof tokenRow>;

/** Tokens of one account are one encrypted row, so that a refresh token and what came with it are written together. */
export interface TokenRows {
  read(connectionId: string, rowKey: string): Promise<Row<TokenRow> | undefined>;
  /** False when somebody wrote since `old` was read: what is stored is newer. */
  write(
    connectionId: string,
    rowKey: string,
    old: Row<TokenRow> | undefined,
    value: TokenRow,
  ): Promise<boolean>;
  /** After a sign-in: whatever was there is replaced. */
  replace(connectionId: string, rowKey: string, value: TokenRow): Promise<void>;
  /** All rows of a connection. */
  all(connectionId: string): Promise<TokenRow[]>;
  /** Erases everything of a connection. */
  erase(connectionId: string): Promise<void>;
}

export const userRow = 'user';

export function appRow(resource: string): string {
  return `app~${sha256(resource.toLowerCase())}`;
}

export function createTokenRows(storage: Pick<Storage, 'sealedTable'>): TokenRows {
  const table = storage.sealedTable({ name: 'tokens', schema: tokenRow });
  return {
    read: (connectionId, rowKey) => table.get(connectionId, rowKey),

    async write(connectionId, rowKey, old, value) {
      if (old && old.value.fence > value.fence) return false;
      try {
        await (old ? table.replace(old, value) : table.insert(connectionId, rowKey, value));
        return true;
      } catch (error) {
        const outrun =
          isAppError(error, 'precondition_failed') ||
          isAppError(error, 'conflict') ||
          isAppError(error, 'not_found');
        if (outrun) return false;
        throw error;
      }
    },

    async replace(connectionId, rowKey, value) {
      await table.upsert(connectionId, rowKey, value);
    },

    async all(connectionId) {
      const found: TokenRow[] = [];
      for await (const { value } of table.list({ partition: connectionId })) found.push(value);
      return found;
    },

    async erase(connectionId) {
      // By key: what can no longer be decrypted must be erasable all the same.
      for await (const row of table.keys(connectionId)) await table.remove(connectionId, row);
    },
  };
}

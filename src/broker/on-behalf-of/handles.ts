import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { formatToken, idOfToken, newTokenId } from '../authorization/token-text.ts';
import { type CallerIdentity, callerKey } from '../caller-identity.ts';
import { sameDigest, sha256 } from '../digest.ts';
import { msalCredentialsSchema } from '../msal-partition.ts';
import { storedAnswerSchema } from '../stored-answer.ts';

const handle = z.object({
  /** SHA-256 of the handle. */
  hash: z.string(),
  /** The one caller that may use it, as `callerKey` writes it. */
  callerKey: z.string(),
  tenantId: z.string(),
  objectId: z.string(),
  resource: z.string(),
  /** What was granted with it; empty: whatever the policy grants. */
  scopes: z.array(z.string()),
  credentials: msalCredentialsSchema,
  answers: z.array(storedAnswerSchema),
  endsAt: z.number(),
});
export type Handle = z.infer<typeof handle>;

/**
 * What lets one caller go on acting for a person when the person's token is over. The caller holds a random text, the sealed row
 * what Entra gave; the person's own token is in neither.
 */
export interface Handles {
  /** The text for the caller. */
  begin(value: Omit<Handle, 'hash'>): Promise<string>;
  /** Undefined alike for a text that was never given out, is over, or is another caller's. */
  find(text: string, caller: CallerIdentity): Promise<Row<Handle> | undefined>;
  /** As it is now; undefined when it was ended. */
  read(row: Row<Handle>): Promise<Row<Handle> | undefined>;
  /** False when somebody changed or ended it since `row` was read. */
  replace(row: Row<Handle>, value: Handle): Promise<boolean>;
  end(row: Row<Handle>): Promise<void>;
  /** Of one person, whoever holds them. */
  endAllOf(objectId: string): Promise<void>;
}

const partition = 'handle';

export function createHandles(deps: {
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): Handles {
  const { clock, random } = deps.ports;
  const table = deps.storage.sealedTable({
    name: 'grants',
    schema: handle,
    expiresAt: (row) => Math.ceil(row.endsAt / 1000),
  });

  return {
    async begin(value) {
      const id = newTokenId(random);
      const text = formatToken('gvh', id, random);
      await table.insert(partition, id, { ...value, hash: sha256(text) });
      return text;
    },

    async find(text, caller) {
      const id = idOfToken('gvh', text);
      const row = id === undefined ? undefined : await table.get(partition, id);
      const theirs = row && row.value.callerKey === callerKey(caller);
      if (!theirs || !sameDigest(sha256(text), row.value.hash)) return undefined;
      return row.value.endsAt > clock() ? row : undefined;
    },

    read: (row) => table.get(partition, row.row),

    async replace(row, value) {
      try {
        await table.replace(row, value);
        return true;
      } catch (error) {
        if (isAppError(error, 'precondition_failed') || isAppError(error, 'not_found')) return false;
        throw error;
      }
    },

    async end(row) {
      await table.remove(partition, row.row);
    },

    async endAllOf(objectId) {
      for await (const { row, value } of table.list({ partition })) {
        if (value.objectId === objectId.toLowerCase()) await table.remove(partition, row);
      }
    },
  };
}

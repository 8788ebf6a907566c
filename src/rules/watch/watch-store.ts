import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { digest } from '../journal/operation.ts';

/** One drive as the rules of one connection see it: how far its feed was read. Times in milliseconds since 1970. */
export const watch = z.object({
  driveId: z.string(),
  connection: z.string(),
  /** Where the feed goes on. */
  link: z.string(),
  /** Everything up to this time was read. */
  asOf: z.number(),
  /** When the reading that goes on at `link` began; absent when the feed was read to its end. */
  readingSince: z.number().optional(),
  /** Files that each rule met in the reading that goes on. */
  met: z.record(z.string(), z.int()).optional(),
  /** When it was last read to its end, and last found anything. */
  readAt: z.number(),
  changedAt: z.number().optional(),
  /** When Microsoft last told of a change. */
  tappedAt: z.number().optional(),
  /** When Graph had lost the place and it went on from then. */
  resyncedAt: z.number().optional(),
  problem: z.object({ code: z.string(), message: z.string(), at: z.number() }).optional(),
});
export type Watch = z.infer<typeof watch>;

export type WatchKey = Pick<Watch, 'driveId' | 'connection'>;

/** Table `drives`, partition `rules`. */
export interface WatchStore {
  get(key: WatchKey): Promise<Row<Watch> | undefined>;
  /** Those of one drive, or all. */
  list(driveId?: string): Promise<Watch[]>;
  /** False when it is there already. */
  insert(made: Watch): Promise<boolean>;
  /** Throws `precondition_failed` when somebody else wrote in the meantime. */
  save(row: Row<Watch>, next: Watch): Promise<Row<Watch>>;
  remove(key: WatchKey): Promise<boolean>;
}

const partition = 'rules';

/** Name of the row and of the lease. */
export function watchName({ driveId, connection }: WatchKey): string {
  return `${digest([driveId])}-${digest([connection])}`;
}

export function createWatchStore(storage: Pick<Storage, 'table'>): WatchStore {
  const table = storage.table<Watch>({ name: 'drives', schema: watch });

  return {
    get: (key) => table.get(partition, watchName(key)),
    async list(driveId) {
      const prefix = driveId === undefined ? undefined : digest([driveId]);
      const range = prefix === undefined ? {} : { from: `${prefix}-`, before: `${prefix}.` };
      const found: Watch[] = [];
      for await (const { value } of table.list({ partition, ...range })) found.push(value);
      return found;
    },
    async insert(made) {
      try {
        await table.insert(partition, watchName(made), made);
        return true;
      } catch (error) {
        if (isAppError(error, 'conflict')) return false;
        throw error;
      }
    },
    save: (row, next) => table.replace(row, next),
    remove: (key) => table.remove(partition, watchName(key)),
  };
}

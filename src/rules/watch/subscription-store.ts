import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Storage } from '../../storage/storage.ts';
import type { Change } from '../../storage/table.ts';
import { digest } from '../journal/operation.ts';

/** What is known of the subscription to one drive. Times in milliseconds since 1970. */
export const subscription = z.object({
  driveId: z.string(),
  /** As which it was made. */
  connection: z.string(),
  /** `polling`: there is none, and the drive is looked at from time to time; `problem` says why. */
  state: z.enum(['creating', 'active', 'polling']),
  id: z.string().optional(),
  /** SHA-256, in hex, of each clientState that a notification may carry. */
  proofs: z.array(z.string()),
  notificationUrl: z.string(),
  expiresAt: z.number().optional(),
  /** When Graph last said that it is there. */
  checkedAt: z.number().optional(),
  problem: z.object({ code: z.string(), message: z.string(), at: z.number() }).optional(),
  createdAt: z.number(),
});
export type Subscription = z.infer<typeof subscription>;

export interface SubscriptionStore {
  of(driveId: string): Promise<Subscription | undefined>;
  byId(id: string): Promise<Subscription | undefined>;
  list(): Promise<Subscription[]>;
  /** Under the drive's lease, so that nobody writes in between. */
  save(next: Subscription): Promise<void>;
  remove(driveId: string): Promise<void>;
}

const partition = 'subscription';

const storedRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('drive'), subscription }),
  /** Finds the drive of an id that a notification names. */
  z.object({ kind: z.literal('id'), driveId: z.string() }),
]);
type StoredRow = z.infer<typeof storedRow>;

const driveRow = (driveId: string) => `d-${digest([driveId])}`;
const idRow = (id: string) => `i-${digest([id])}`;

export function createSubscriptionStore(storage: Pick<Storage, 'table'>): SubscriptionStore {
  const table = storage.table<StoredRow>({ name: 'subscriptions', schema: storedRow });

  async function of(driveId: string): Promise<Subscription | undefined> {
    const row = await table.get(partition, driveRow(driveId));
    return row?.value.kind === 'drive' ? row.value.subscription : undefined;
  }

  return {
    of,
    async byId(id) {
      const row = await table.get(partition, idRow(id));
      const found = row?.value.kind === 'id' ? await of(row.value.driveId) : undefined;
      return found?.id === id ? found : undefined;
    },
    async list() {
      const found: Subscription[] = [];
      for await (const { value } of table.list({ partition, from: 'd-', before: 'd.' })) {
        if (value.kind === 'drive') found.push(value.subscription);
      }
      return found;
    },
    async save(next) {
      const old = await of(next.driveId);
      const { driveId, id } = next;
      const changes: Change<StoredRow>[] = [
        { kind: 'upsert', row: driveRow(driveId), value: { kind: 'drive', subscription: next } },
      ];
      if (id !== undefined) changes.push({ kind: 'upsert', row: idRow(id), value: { kind: 'id', driveId } });
      await table.transact(partition, changes);
      if (old?.id !== undefined && old.id !== id) await table.remove(partition, idRow(old.id));
    },
    async remove(driveId) {
      const old = await of(driveId);
      if (!old) return;
      await table.remove(partition, driveRow(driveId));
      if (old.id !== undefined) await table.remove(partition, idRow(old.id));
    },
  };
}

/** Whether a notification carried one of the secrets of this subscription, in a time that depends on neither. */
export function isProven(known: Subscription, proof: string): boolean {
  const given = Buffer.from(proof, 'hex');
  let found = false;
  for (const text of known.proofs) {
    const expected = Buffer.from(text, 'hex');
    if (expected.length === 32 && given.length === 32 && timingSafeEqual(expected, given)) found = true;
  }
  return found;
}

import type { StorageClients } from './clients.ts';
import { toStorageError } from './storage-error.ts';

/** The queues whose messages the host moves to `NAME-poison` when they failed five times. */
export const poisonedQueues = ['runs', 'drains', 'operations', 'deliveries', 'consents'] as const;
export type PoisonedQueue = (typeof poisonedQueues)[number];

export interface PoisonMessage {
  readonly queue: PoisonedQueue;
  readonly id: string;
  /** As it was sent; messages hold no secrets. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly failedAt: number;
}

export interface Poison {
  /** The oldest ones of each queue, at most 32 of each. */
  list(): Promise<PoisonMessage[]>;
  /** Sends those with these ids (all, where none are named) to their queue again; returns how many. */
  retry(queue: PoisonedQueue, ids?: readonly string[]): Promise<number>;
}

const batch = 32;
const mostBatches = 20;

/** Messages that failed every time, to be looked at and to be tried again. */
export function createPoison(clients: StorageClients): Poison {
  const poisonOf = (queue: PoisonedQueue) => clients.queue(`${queue}-poison`);

  async function run<R>(queue: PoisonedQueue, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      throw toStorageError(error, `The queue ${queue}-poison`);
    }
  }

  return {
    async list() {
      const found = await Promise.all(
        poisonedQueues.map((queue) =>
          run(queue, async () => {
            const client = await poisonOf(queue);
            const { peekedMessageItems } = await client.peekMessages({ numberOfMessages: batch });
            return peekedMessageItems.map(
              (item): PoisonMessage => ({
                queue,
                id: item.messageId,
                text: Buffer.from(item.messageText, 'base64').toString('utf8'),
                failedAt: item.insertedOn.getTime(),
              }),
            );
          }),
        ),
      );
      return found.flat();
    },

    retry: (queue, ids) =>
      run(queue, async () => {
        const from = await poisonOf(queue);
        const to = await clients.queue(queue);
        let retried = 0;
        for (let i = 0; i < mostBatches; i += 1) {
          const { receivedMessageItems } = await from.receiveMessages({
            numberOfMessages: batch,
            visibilityTimeout: 30,
          });
          const chosen = receivedMessageItems.filter(({ messageId }) => ids?.includes(messageId) ?? true);
          for (const { messageId, messageText, popReceipt } of chosen) {
            // Sent before it is removed: a kill in between leaves two, and every message may come twice.
            await to.sendMessage(messageText, { messageTimeToLive: -1 });
            await from.deleteMessage(messageId, popReceipt);
            retried += 1;
          }
          for (const item of receivedMessageItems) {
            if (chosen.includes(item)) continue;
            await from.updateMessage(item.messageId, item.popReceipt, item.messageText, 0);
          }
          const left = ids === undefined ? receivedMessageItems.length === batch : retried < ids.length;
          if (!left || receivedMessageItems.length === 0) break;
        }
        return retried;
      }),
  };
}

import type { z } from 'zod';
import type { StorageClients } from './clients.ts';
import { toStorageError } from './storage-error.ts';

/** Messages of one shape. They hold ids and cursors, never a token, a secret or file contents. */
export interface Queue<T> {
  readonly name: string;
  /** `delaySeconds`: invisible until then (at most 7 days): the way to wait, since no function sleeps. */
  send(message: T, options?: { delaySeconds?: number }): Promise<void>;
  /** Parses what a queue trigger got; throws for a message of another shape, which then becomes poison. */
  parse(message: unknown): T;
}

export function createQueue<T>(clients: StorageClients, name: string, schema: z.ZodType<T>): Queue<T> {
  return {
    name,
    async send(message, options = {}) {
      const text = Buffer.from(JSON.stringify(schema.parse(message))).toString('base64');
      try {
        const client = await clients.queue(name);
        await client.sendMessage(text, {
          visibilityTimeout: Math.ceil(options.delaySeconds ?? 0),
          messageTimeToLive: -1,
        });
      } catch (error) {
        throw toStorageError(error, `The queue ${name}`);
      }
    },
    parse: (message) => schema.parse(typeof message === 'string' ? JSON.parse(message) : message),
  };
}

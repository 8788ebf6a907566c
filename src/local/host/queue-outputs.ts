import type { InvocationResponse, TypedData } from './core-types.ts';
import type { LocalFunction } from './registrations.ts';
import type { StorageClients } from './storage-clients.ts';
import { statusOf } from './storage-error.ts';

export interface QueueOutputDeps {
  readonly storage: StorageClients;
  readonly encoding: 'base64' | 'none';
}

export type WriteQueueOutputs = (fn: LocalFunction, response: InvocationResponse) => Promise<void>;

/**
 * Sends what a function gave its storage queue outputs: one message, or one for each element of an array.
 * Rejects when storage does, and the invocation counts as failed, as in the real host.
 */
export function createQueueOutputs({ storage, encoding }: QueueOutputDeps): WriteQueueOutputs {
  const encode = (text: string) => (encoding === 'base64' ? Buffer.from(text).toString('base64') : text);

  return async (fn, response) => {
    for (const { binding, queueName, connection } of fn.queueOutputs) {
      const data =
        binding === '$return'
          ? response.returnValue
          : response.outputData?.find((entry) => entry.name === binding)?.data;
      const texts = data ? messageTexts(data) : [];
      if (texts.length === 0) continue;
      const queue = (await storage.queues(connection)).getQueueClient(queueName);
      for (const text of texts) {
        try {
          await queue.sendMessage(encode(text));
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
          await queue.createIfNotExists();
          await queue.sendMessage(encode(text));
        }
      }
    }
  };
}

function messageTexts(data: TypedData): string[] {
  if (data.string !== undefined) return [data.string];
  if (data.bytes !== undefined) return [Buffer.from(data.bytes).toString()];
  if (data.json !== undefined) {
    const value: unknown = JSON.parse(data.json);
    const elements: unknown[] = Array.isArray(value) ? value : [value];
    return elements.map((element) => (typeof element === 'string' ? element : JSON.stringify(element)));
  }
  const number = data.int ?? data.double;
  return number === undefined ? [] : [String(number)];
}

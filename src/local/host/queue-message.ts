import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { TypedData } from './core-types.ts';
import type { QueueOptions } from './host-json.ts';
import type { HostLog } from './log.ts';
import type { QueueFunction } from './registrations.ts';
import type { RunFunction } from './run-function.ts';
import { statusOf } from './storage-error.ts';

export interface QueueMessageDeps {
  readonly fn: QueueFunction;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  readonly options: QueueOptions;
  /** How long a message stays invisible while it is worked on; renewed at half. */
  readonly lockSeconds: number;
  readonly run: RunFunction;
  readonly log: HostLog;
}

/**
 * Works on one received message until storage knows what became of it: deleted after success, visible again
 * after `visibilityTimeout` when the function failed, moved to the poison queue when it failed for the last
 * time. Never rejects: a storage error is logged, and the message comes back when its lock ends.
 */
export async function processMessage(deps: QueueMessageDeps, message: DequeuedMessageItem): Promise<void> {
  const { fn, queue, poison, options, lockSeconds, run, log } = deps;
  let { popReceipt } = message;
  let renewal = Promise.resolve();

  const renew = async () => {
    try {
      const renewed = await queue.updateMessage(message.messageId, popReceipt, undefined, lockSeconds);
      popReceipt = renewed.popReceipt ?? popReceipt;
    } catch (error) {
      log('warning', 'the lock of a message could not be renewed', { function: fn.name, error });
    }
  };
  const renewing = setInterval(() => {
    renewal = renewal.then(renew);
  }, lockSeconds * 500);

  async function moveToPoison(): Promise<void> {
    log('error', `a message failed ${message.dequeueCount} times and goes to ${poison.name}`, {
      function: fn.name,
    });
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText);
    await queue.deleteMessage(message.messageId, popReceipt);
  }

  async function settle(succeeded: boolean): Promise<void> {
    // A renewal under way changes the receipt that the next call needs.
    clearInterval(renewing);
    await renewal;
    if (succeeded) await queue.deleteMessage(message.messageId, popReceipt);
    else if (message.dequeueCount >= options.maxDequeueCount) await moveToPoison();
    else
      await queue.updateMessage(
        message.messageId,
        popReceipt,
        undefined,
        Math.ceil(options.visibilityTimeout / 1000),
      );
  }

  try {
    const data = decode(message.messageText, options.messageEncoding);
    if (!data || message.dequeueCount > options.maxDequeueCount) {
      clearInterval(renewing);
      await moveToPoison();
      return;
    }
    const succeeded = await run(fn, queueInput(fn, data, metadataOf(message))).then(
      () => true,
      () => false,
    );
    await settle(succeeded);
  } catch (error) {
    const lost = statusOf(error) === 404 || statusOf(error) === 400;
    log('warning', lost ? 'a message was taken over meanwhile' : 'a message could not be settled', {
      function: fn.name,
      error,
    });
  } finally {
    clearInterval(renewing);
  }
}

/** The trigger's input; also used when a function is fired by hand. */
export function queueInput(fn: QueueFunction, data: TypedData, metadata: Record<string, TypedData>) {
  const trigger = { QueueTrigger: data };
  return { inputData: [{ name: fn.binding, data }], triggerMetadata: { ...trigger, ...metadata } };
}

/** Undefined when the text is not what `messageEncoding` says. */
function decode(text: string, encoding: QueueOptions['messageEncoding']): TypedData | undefined {
  if (encoding === 'none') return { string: text };
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  try {
    return { string: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { bytes };
  }
}

function metadataOf(message: DequeuedMessageItem): Record<string, TypedData> {
  const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });
  return {
    DequeueCount: json(message.dequeueCount),
    ExpirationTime: json(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: json(message.insertedOn),
    NextVisibleTime: json(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  };
}

import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { createBackOff } from './back-off.ts';
import type { QueueOptions } from './host-json.ts';
import type { HostLog } from './log.ts';
import { createPause } from './pause.ts';
import { statusOf } from './storage-error.ts';

export interface QueueListenerDeps {
  readonly functionName: string;
  readonly queue: QueueClient;
  readonly options: QueueOptions;
  readonly lockSeconds: number;
  /** Works on a message; never rejects. */
  readonly process: (message: DequeuedMessageItem) => Promise<void>;
  readonly log: HostLog;
}

export interface QueueListener {
  /** Resolves after the first attempt to create the queue, whether or not storage was there. */
  readonly started: Promise<void>;
  /** Looks at the queue now: somebody has just put a message there. */
  nudge(): void;
  /** Takes no further message; resolves when those under way are settled. */
  stop(): Promise<void>;
}

const firstPollMs = 100;
/**
 * host.json may allow a minute between two looks at an idle queue, which is right where each look costs money.
 * Here a look is free, somebody is waiting, and a message that another process enqueued can't be noticed otherwise.
 */
const longestIdleMs = 250;
const longestOutageMs = 5_000;

/**
 * Receives messages of one queue: the next batch is fetched as soon as no more than `newBatchThreshold` messages
 * are under way. An idle queue is looked at ever more slowly, and an unreachable one tried again.
 */
export function listenToQueue(deps: QueueListenerDeps): QueueListener {
  const { functionName, queue, options, lockSeconds, process, log } = deps;
  const idle = createBackOff(firstPollMs, Math.min(options.maxPollingInterval, longestIdleMs));
  const outage = createBackOff(firstPollMs, longestOutageMs);
  const pause = createPause();
  const running = new Set<Promise<void>>();
  const started = Promise.withResolvers<void>();
  let exists = false;
  let reachable = true;
  let stopped = false;

  function start(message: DequeuedMessageItem): void {
    const work = process(message).finally(() => {
      running.delete(work);
      if (running.size === options.newBatchThreshold) pause.end();
    });
    running.add(work);
  }

  async function receive(): Promise<readonly DequeuedMessageItem[]> {
    if (!exists) await queue.createIfNotExists();
    exists = true;
    started.resolve();
    const received = await queue.receiveMessages({
      numberOfMessages: options.batchSize,
      visibilityTimeout: lockSeconds,
    });
    return received.receivedMessageItems;
  }

  async function poll(): Promise<void> {
    try {
      const messages = await receive();
      if (!reachable)
        log('information', `the queue ${queue.name} can be reached again`, { function: functionName });
      reachable = true;
      outage.reset();
      for (const message of messages) start(message);
      if (messages.length === 0) await pause.wait(idle.next());
      else idle.reset();
    } catch (error) {
      if (statusOf(error) === 404) exists = false;
      else if (reachable) {
        log('warning', `the queue ${queue.name} cannot be reached, trying again`, {
          function: functionName,
          error,
        });
        reachable = false;
      }
      started.resolve();
      await pause.wait(outage.next());
    }
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      if (running.size > options.newBatchThreshold) await pause.wait(firstPollMs);
      else await poll();
    }
  }

  const done = loop();
  return {
    started: started.promise,
    nudge() {
      idle.reset();
      pause.end();
    },
    async stop() {
      stopped = true;
      pause.end();
      await done;
      await Promise.all(running);
    },
  };
}

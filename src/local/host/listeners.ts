import { holdBlobLock } from './blob-lock.ts';
import { watchEnqueues } from './enqueue-notice.ts';
import type { QueueOptions } from './host-json.ts';
import type { HostLog } from './log.ts';
import { listenToQueue, type QueueListener } from './queue-listener.ts';
import { processMessage } from './queue-message.ts';
import type { LocalFunction, QueueFunction, TimerFunction } from './registrations.ts';
import type { RunFunction } from './run-function.ts';
import type { StorageClients } from './storage-clients.ts';
import { runTimer } from './timer.ts';
import { createTimerStatusStore } from './timer-status.ts';

export interface ListenerDeps {
  readonly functions: readonly LocalFunction[];
  readonly hostId: string;
  readonly queueOptions: QueueOptions;
  readonly queueLockSeconds: number;
  readonly storage: StorageClients;
  readonly run: RunFunction;
  readonly log: HostLog;
  readonly now: () => Date;
}

export interface Listeners {
  /** Starts nothing new; resolves when what was under way has ended. */
  stop(): Promise<void>;
}

/** The connection under which a host keeps its own things. */
const hostConnection = 'AzureWebJobsStorage';

/**
 * Starts the timers and queue triggers of an app. Resolves when the queues are there, or storage has shown that it can't
 * be reached yet (the listeners then keep trying). Rejects when a connection setting is missing.
 */
export async function startListeners(deps: ListenerDeps): Promise<Listeners> {
  const timers = deps.functions.filter((fn) => fn.trigger === 'timer');
  const queues = deps.functions.filter((fn) => fn.trigger === 'queue');
  if (timers.length > 0) await deps.storage.blobs(hostConnection);
  const listeners = await Promise.all(queues.map((fn) => startQueue(fn, deps)));

  const unwatch = watchEnqueues((queueName) => {
    for (const [index, fn] of queues.entries()) {
      if (fn.queueName === queueName) listeners[index]?.nudge();
    }
  });
  const locks = timers.map((fn) => startTimer(fn, deps));
  await Promise.all(listeners.map((listener) => listener.started));
  return {
    async stop() {
      unwatch();
      await Promise.all([...listeners, ...locks].map((each) => each.stop()));
    },
  };
}

async function startQueue(fn: QueueFunction, deps: ListenerDeps): Promise<QueueListener> {
  const { queueOptions: options, queueLockSeconds: lockSeconds, run, log } = deps;
  const service = await deps.storage.queues(fn.connection);
  const queue = service.getQueueClient(fn.queueName);
  const poison = service.getQueueClient(`${fn.queueName}-poison`);
  return listenToQueue({
    functionName: fn.name,
    queue,
    options,
    lockSeconds,
    log,
    process: (message) => processMessage({ fn, queue, poison, options, lockSeconds, run, log }, message),
  });
}

function startTimer(fn: TimerFunction, { hostId, storage, run, log, now }: ListenerDeps) {
  const blobs = () => storage.blobs(hostConnection);
  const status = createTimerStatusStore(blobs, hostId, fn.name);
  const blobName = `locks/${hostId}/Host.Functions.${fn.name}.Listener`;
  return holdBlobLock({ blobs, blobName, functionName: fn.name, log }, (held) =>
    runTimer({ fn, status, run, log, now }, held),
  );
}

import { randomUUID } from 'node:crypto';
import type { BlobLeaseClient, BlobServiceClient } from '@azure/storage-blob';
import type { HostLog } from './log.ts';
import { createPause } from './pause.ts';
import { statusOf } from './storage-error.ts';

/** The container that the real host keeps its locks and timer records in. */
export const hostsContainer = 'azure-webjobs-hosts';

/** The shortest lease that storage gives: after a killed host, its timers rest no longer than this. */
const leaseSeconds = 15;
const renewEveryMs = 5_000;
/** The real host looks once a minute; here somebody is waiting in front of the screen. */
const retryEveryMs = 1_000;

export interface BlobLockDeps {
  readonly blobs: () => Promise<BlobServiceClient>;
  readonly blobName: string;
  readonly functionName: string;
  readonly log: HostLog;
}

export interface BlobLock {
  /** Stops the holder, waits for it, and gives the lock back. */
  stop(): Promise<void>;
}

/**
 * Keeps trying to hold a lease on a blob. While it is held, `holder` runs; its signal is aborted when the lease
 * is lost or the lock stopped. Storage errors are logged and tried again.
 */
export function holdBlobLock(deps: BlobLockDeps, holder: (held: AbortSignal) => Promise<void>): BlobLock {
  const { log, functionName } = deps;
  const pause = createPause();
  // The same id each time: after an outage the holder gets its own lease again without waiting for its end.
  const leaseId = randomUUID();
  let stopping = false;
  let reported = false;

  async function hold(): Promise<void> {
    const lease = await tryAcquire(await deps.blobs(), deps.blobName, leaseId);
    reported = false;
    if (!lease) return;
    log('debug', 'this host runs the timer', { function: functionName });
    const held = new AbortController();
    let ended = false;
    const running = holder(held.signal).finally(() => {
      ended = true;
      pause.end();
    });
    const settled = Promise.allSettled([running]);
    try {
      while (!stopping && !ended) {
        await pause.wait(renewEveryMs);
        if (!stopping && !ended) await lease.renewLease();
      }
    } finally {
      held.abort();
      await settled;
      await release(lease);
    }
    await running;
  }

  /** A lease that cannot be given back (it expired, or storage is down) runs out by itself. */
  async function release(lease: BlobLeaseClient): Promise<void> {
    try {
      await lease.releaseLease();
    } catch (error) {
      log('debug', 'the lock was not given back', { function: functionName, error });
    }
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      try {
        await hold();
      } catch (error) {
        if (!reported) {
          log('warning', 'the timer waits for storage, trying again', { function: functionName, error });
        }
        reported = true;
      }
      if (!stopping) await pause.wait(retryEveryMs);
    }
  }

  const done = loop();
  return {
    async stop() {
      stopping = true;
      pause.end();
      await done;
    },
  };
}

/** A lease client that holds the lease, or undefined when another host has it. */
async function tryAcquire(service: BlobServiceClient, blobName: string, leaseId: string) {
  const container = service.getContainerClient(hostsContainer);
  const blob = container.getBlockBlobClient(blobName);
  const lease = blob.getBlobLeaseClient(leaseId);
  const acquire = async () => {
    try {
      await lease.acquireLease(leaseSeconds);
      return lease;
    } catch (error) {
      if (statusOf(error) === 409) return undefined;
      throw error;
    }
  };
  try {
    return await acquire();
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  await container.createIfNotExists();
  try {
    await blob.upload('', 0, { conditions: { ifNoneMatch: '*' } });
  } catch (error) {
    // 409, or 412 once it is leased: another host was faster.
    if (statusOf(error) !== 409 && statusOf(error) !== 412) throw error;
  }
  return acquire();
}

import type { Ports } from '../../ports.ts';
import type { Queue } from '../../storage/queue.ts';
import type { DrainMessage, DrainOrder } from './drain-message.ts';
import { isProven, type SubscriptionStore } from './subscription-store.ts';
import type { WatchStore } from './watch-store.ts';

export interface TakeTapDeps {
  readonly subscriptions: SubscriptionStore;
  readonly watches: WatchStore;
  readonly drains: Queue<DrainMessage>;
  readonly drain: (order: DrainOrder) => Promise<unknown>;
  readonly ports: Ports;
}

export interface Tap {
  readonly subscriptionId: string;
  readonly proof: string;
}

/** Taps that follow a reading within this time wait for one more reading together. */
const quietMs = 1_000;
/** More taps than this within one wait double the next one. */
const flood = 50;
const longestWaitSeconds = 16;

interface Pace {
  /** A reading begins after this time: what was told before it is covered. */
  coveredUntil: number;
  startedAt: number;
  waitSeconds: number;
  covered: number;
}

/**
 * Turns notifications into readings: the first one is read for at once, those that follow closely share one reading a second
 * later, and a storm makes that wait longer. Remembered in the process only: another instance adds a reading or two of its own.
 */
export function createTakeTap(deps: TakeTapDeps): (tap: Tap) => Promise<void> {
  const { subscriptions, watches, drains, drain, ports } = deps;
  const paces = new Map<string, Pace>();

  function isCovered(subscriptionId: string): boolean {
    const pace = paces.get(subscriptionId);
    if (!pace || pace.coveredUntil <= ports.clock()) return false;
    pace.covered += 1;
    return true;
  }

  return async ({ subscriptionId, proof }) => {
    if (isCovered(subscriptionId)) return;
    const known = await subscriptions.byId(subscriptionId);
    if (!known || !isProven(known, proof)) {
      // Said to nobody but the log: whoever sends such things learns nothing.
      ports.log.warn('notification_refused', { subscriptionId, known: known !== undefined });
      return;
    }
    const orders = (await watches.list(known.driveId)).map(
      ({ driveId, connection }): DrainOrder => ({ kind: 'drain', driveId, connection, tapped: true }),
    );
    if (isCovered(subscriptionId)) return;

    const now = ports.clock();
    const pace = paces.get(subscriptionId) ?? { coveredUntil: 0, startedAt: 0, waitSeconds: 1, covered: 0 };
    paces.set(subscriptionId, pace);
    if (now - pace.startedAt >= quietMs && now - pace.coveredUntil >= quietMs) {
      pace.startedAt = now;
      pace.waitSeconds = 1;
      pace.covered = 0;
      for (const order of orders) await drain(order);
      return;
    }
    pace.waitSeconds = pace.covered > flood ? Math.min(pace.waitSeconds * 2, longestWaitSeconds) : 1;
    pace.covered = 0;
    // Half a second less than the message waits: the clocks of the queue and of this process differ.
    pace.coveredUntil = now + pace.waitSeconds * 1000 - 500;
    try {
      for (const order of orders) await drains.send(order, { delaySeconds: pace.waitSeconds });
    } catch (error) {
      pace.coveredUntil = 0;
      throw error;
    }
  };
}

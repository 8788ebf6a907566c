import type { Ports } from '../../ports.ts';
import type { Queue } from '../../storage/queue.ts';
import type { DrainMessage, DrainOrder } from './drain-message.ts';
import { isProven, type Subscription, type SubscriptionStore } from './subscription-store.ts';
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
  /** Notifications that it stands for; one when not given. */
  readonly count?: number | undefined;
}

/** Taps that follow a reading within this time wait for one more reading together. */
const quietMs = 1_000;
/** More taps than this within one wait double the next one. */
const flood = 50;
const longestWaitSeconds = 16;
/** A new subscription is read for anyway, so what is known of it may be a little old. */
const knownMs = 3_000;
const mostKnown = 1_000;

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
  const recent = new Map<
    string,
    { readonly at: number; readonly known: Promise<Subscription | undefined> }
  >();

  /** What is known of a subscription, at most a few seconds old: a storm asks the same again and again. */
  function find(id: string): Promise<Subscription | undefined> {
    const now = ports.clock();
    const held = recent.get(id);
    if (held && now >= held.at && now - held.at < knownMs) return held.known;
    const known = subscriptions.byId(id);
    known.catch(() => recent.delete(id));
    recent.delete(id);
    recent.set(id, { at: now, known });
    const [oldest] = recent.keys();
    if (recent.size > mostKnown && oldest !== undefined) recent.delete(oldest);
    return known;
  }

  const refusals = new Map<string, number>();
  /** Whoever sends such things learns nothing, and can't fill the log. */
  function refuse(subscriptionId: string, known: boolean): void {
    const now = ports.clock();
    if (now - (refusals.get(subscriptionId) ?? 0) < 60_000) return;
    if (refusals.size >= mostKnown) refusals.clear();
    refusals.set(subscriptionId, now);
    ports.log.warn('notification_refused', { subscriptionId, known });
  }

  function isCovered({ subscriptionId, count = 1 }: Tap): boolean {
    const pace = paces.get(subscriptionId);
    if (!pace || pace.coveredUntil <= ports.clock()) return false;
    pace.covered += count;
    return true;
  }

  return async (tap) => {
    const { subscriptionId, proof, count = 1 } = tap;
    const known = await find(subscriptionId);
    if (!known || !isProven(known, proof)) return refuse(subscriptionId, known !== undefined);
    if (isCovered(tap)) return;
    const orders = (await watches.list(known.driveId)).map(
      ({ driveId, connection }): DrainOrder => ({ kind: 'drain', driveId, connection, tapped: true }),
    );
    if (isCovered(tap)) return;

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
    pace.waitSeconds = pace.covered + count > flood ? Math.min(pace.waitSeconds * 2, longestWaitSeconds) : 1;
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

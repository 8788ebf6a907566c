import type { Ports } from '../../ports.ts';
import type { Queue } from '../../storage/queue.ts';
import type { DrainMessage, DrainOrder } from './drain-message.ts';
import type { Kept } from './keep-subscription.ts';
import { isProven, type SubscriptionStore } from './subscription-store.ts';
import type { Tap } from './take-tap.ts';
import type { WatchStore } from './watch-store.ts';

export interface TakeMessageDeps {
  readonly subscriptions: SubscriptionStore;
  readonly watches: WatchStore;
  readonly drains: Queue<DrainMessage>;
  readonly drain: (order: DrainOrder) => Promise<unknown>;
  readonly takeTap: (tap: Tap) => Promise<void>;
  readonly keepSubscription: (driveId: string, options?: { force?: boolean }) => Promise<Kept>;
  readonly ports: Ports;
}

/** Works on one message of the queue `drains`. */
export function createTakeMessage(deps: TakeMessageDeps): (message: DrainMessage) => Promise<void> {
  const { subscriptions, watches, drains, drain, takeTap, keepSubscription, ports } = deps;

  async function subscribe(driveId: string, force: boolean): Promise<void> {
    const kept = await keepSubscription(driveId, { force });
    if (kept === 'busy') await drains.send({ kind: 'subscribe', driveId }, { delaySeconds: 5 });
    if (kept === 'fresh') await readAll(driveId);
  }

  /** What changed before the subscription was there was told to nobody. */
  async function readAll(driveId: string): Promise<void> {
    for (const { connection } of await watches.list(driveId)) {
      await drains.send({ kind: 'drain', driveId, connection });
    }
  }

  return async (message) => {
    switch (message.kind) {
      case 'tap':
        return takeTap(message);
      case 'drain':
        await drain(message);
        return;
      case 'subscribe':
        return subscribe(message.driveId, false);
      case 'lifecycle': {
        const known = await subscriptions.byId(message.subscriptionId);
        if (!known || !isProven(known, message.proof)) {
          ports.log.warn('notification_refused', { subscriptionId: message.subscriptionId });
          return;
        }
        ports.log.info('subscription_event', { driveId: known.driveId, event: message.event });
        await subscribe(known.driveId, true);
        if (message.event === 'missed') await readAll(known.driveId);
        return;
      }
    }
  };
}

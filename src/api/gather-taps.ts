import { setTimeout as after } from 'node:timers/promises';
import type { HttpRequest } from '@azure/functions';
import { type NotificationMessage, type Received, receiveNotification } from './notifications.ts';

/** A notification that follows one for the same subscription within this time waits for those that follow it. */
const busyMs = 100;
const gatherMs = 15;
/** Subscriptions that are remembered. */
const most = 1_000;

interface Gathering {
  sentAt: number;
  /** Notifications since the last message. */
  count: number;
  /** Set while somebody waits who will send the message for all. */
  open?: Promise<void> | undefined;
}

/**
 * `receiveNotification`, but a storm for one subscription becomes one message each few milliseconds. The first of those that
 * came close together waits and brings the message; the others are answered when it is. A message that is lost with its
 * bringer is lost with an unanswered notification for the same subscription, which Microsoft sends again. A notification
 * after a quiet time is never kept waiting. Kept in this process only.
 */
export function createNotificationReceiver(
  clock: () => number = () => Date.now(),
  wait: (ms: number) => Promise<unknown> = after,
): (request: HttpRequest) => Promise<Received> {
  const known = new Map<string, Gathering>();

  /** How many notifications the message stands for; 0 for whoever is not to bring it. */
  async function gather(message: NotificationMessage): Promise<number> {
    const key = `${message.kind} ${message.subscriptionId} ${message.proof}`;
    const now = clock();
    const one = known.get(key);
    if (one?.open) {
      one.count += 1;
      await one.open;
      return 0;
    }
    if (!one || now - one.sentAt >= busyMs) {
      remember(key, { sentAt: now, count: 0 });
      return 1;
    }
    one.count = 1;
    one.open = wait(gatherMs).then(() => {
      one.open = undefined;
      one.sentAt = clock();
    });
    await one.open;
    return one.count;
  }

  function remember(key: string, one: Gathering): void {
    known.delete(key);
    known.set(key, one);
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
  }

  return async (request) => {
    const { response, messages } = await receiveNotification(request);
    const brought = await Promise.all(
      messages.map(async (message) => {
        if (message.kind === 'lifecycle') return [message];
        const count = await gather(message);
        return count === 0 ? [] : [count === 1 ? message : { ...message, count }];
      }),
    );
    return { response, messages: brought.flat() };
  };
}

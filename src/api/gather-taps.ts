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

  /** True for whoever is to bring the message. */
  async function isBringer(message: NotificationMessage): Promise<boolean> {
    const key = `${message.kind} ${message.subscriptionId} ${message.proof}`;
    const now = clock();
    const one = known.get(key);
    if (one?.open) {
      await one.open;
      return false;
    }
    if (!one || now - one.sentAt >= busyMs) {
      remember(key, { sentAt: now });
      return true;
    }
    one.open = wait(gatherMs).then(() => {
      one.open = undefined;
      one.sentAt = clock();
    });
    await one.open;
    return true;
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
      messages.map(async (message) =>
        message.kind === 'lifecycle' || (await isBringer(message)) ? [message] : [],
      ),
    );
    return { response, messages: brought.flat() };
  };
}

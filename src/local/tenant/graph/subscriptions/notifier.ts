import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Deliver } from '../../graph-world.ts';
import { HttpFault } from '../../http/route.ts';
import type { Ledger } from '../../ledger.ts';
import type { Switches } from '../switches.ts';
import { createEndpointHealth, type EndpointHealth } from './endpoint-health.ts';
import type { Subscription } from './subscription.ts';
import type { SubscriptionStore } from './subscription-store.ts';

/** What control makes of the next notifications. */
export const notificationFaults = z.strictObject({
  /** The next n are lost. */
  lose: z.int().min(0).default(0),
  /** Each is sent this often. */
  repeat: z.int().min(1).max(100).default(1),
  /** Held back for so long. */
  lateMs: z.number().min(0).max(600_000).default(0),
  /** Two that wait go out in the other order. */
  reorder: z.boolean().default(false),
});
export type NotificationFaults = z.infer<typeof notificationFaults>;

/** Tells subscribers that a drive changed: collected for a moment, tried again when nobody answers. */
export interface Notifier {
  /** The handshake; throws 400 unless the endpoint echoes the token within 10 s. */
  validate(url: string): Promise<void>;
  /** A drive changed; `sharing` when only permissions did, which those hear who asked for it. */
  changed(target: string, sharing: boolean): void;
  /** Asks the subscriber to authorise again; `pause` stops its notifications until it does. */
  challenge(one: Subscription, pause: boolean): void;
  /** The subscriber has done so. */
  authorised(id: string): void;
  readonly health: EndpointHealth;
  faults: NotificationFaults;
  stop(): void;
}

/** With seven digits, as the service writes it. */
const expiryOf = (one: Subscription): string => new Date(one.expires).toISOString().replace('Z', '0000Z');

const VALIDATION_MS = 10_000;
const GIVE_UP_MS = 4 * 3_600_000;

export function createNotifier(parts: {
  readonly deliver: Deliver;
  readonly store: SubscriptionStore;
  readonly switches: Switches;
  readonly ledger: Ledger;
  readonly clock: () => number;
}): Notifier {
  const { deliver, store, switches, ledger, clock } = parts;
  const timers = new Set<NodeJS.Timeout>();
  const waiting = new Map<string, { plain: boolean }>();
  const paused = new Set<string>();
  const health = createEndpointHealth({
    clock,
    limits: () => ({
      slowMs: switches.firstTimeoutMs,
      dropMs: switches.retryTimeoutMs,
      stayMs: switches.slowDelayMs,
      least: switches.slowAfter,
    }),
  });

  function later(ms: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
    return timer;
  }

  async function send(one: Subscription, firstAt: number, pauseMs: number): Promise<void> {
    if (store.find(one.id) === undefined) return;
    ledger.add('notificationsSent');
    const first = pauseMs === 0;
    const timeoutMs = first ? switches.firstTimeoutMs : switches.retryTimeoutMs;
    const value = {
      subscriptionId: one.id,
      clientState: one.clientState,
      changeType: one.changeType,
      tenantId: one.tenantId,
      resource: one.resource.replace(/^\//, ''),
      subscriptionExpirationDateTime: expiryOf(one),
      resourceData: { '@odata.type': '#Microsoft.Graph.DriveItem' },
    };
    const askedAt = performance.now();
    const answered = await deliver(one.notificationUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: [value] }),
      timeoutMs,
    }).then(
      ({ status }) => status >= 200 && status < 300,
      () => false,
    );
    health.record(one.notificationUrl, performance.now() - askedAt);
    if (answered) {
      ledger.add('notificationsAnswered');
      return;
    }
    ledger.add('notificationsFailed');
    if (clock() - firstAt > GIVE_UP_MS) return;
    const pause = first ? switches.retryPauseMs : Math.min(pauseMs * 2, 1_800_000);
    later(pause, () => void send(one, firstAt, pause));
  }

  /** A new notification to a host that was found slow waits, one to a host that drops is lost for good. */
  function first(one: Subscription): void {
    const state = health.stateOf(one.notificationUrl);
    if (paused.has(one.id) || state === 'drop') ledger.add('notificationsLost');
    else if (state === 'slow') later(switches.slowDelayMs, () => void send(one, clock(), 0));
    else void send(one, clock(), 0);
  }

  const notifier: Notifier = {
    health,
    faults: notificationFaults.parse({}),

    async validate(url) {
      const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}`;
      const target = new URL(url);
      target.searchParams.set('validationToken', token);
      const answer = await deliver(target.href, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: '',
        timeoutMs: VALIDATION_MS,
      }).catch(() => undefined);
      const plain = /^text\/plain/i.test(answer?.headers['content-type'] ?? '');
      if (answer?.status === 200 && plain && answer.body === token) return;
      const why = answer
        ? `HTTP status code is '${answer.status}'`
        : 'The request timed out or could not be sent';
      throw new HttpFault(
        400,
        'ValidationError',
        `Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request. ${why}.`,
      );
    },

    changed(target, sharing) {
      const before = waiting.get(target);
      if (before) before.plain ||= !sharing;
      if (before || store.onTarget(target).length === 0) return;
      const pending = { plain: !sharing };
      const { lateMs } = notifier.faults;
      waiting.set(target, pending);
      later(switches.notificationDebounceMs + lateMs, () => {
        waiting.delete(target);
        const { repeat, reorder } = notifier.faults;
        const subscriptions = store.onTarget(target).filter((one) => pending.plain || one.security);
        for (const one of reorder ? subscriptions.reverse() : subscriptions) {
          if (notifier.faults.lose > 0) {
            notifier.faults = { ...notifier.faults, lose: notifier.faults.lose - 1 };
            ledger.add('notificationsLost');
            continue;
          }
          for (let time = 0; time < repeat; time += 1) first(one);
        }
      });
    },

    challenge(one, pause) {
      if (pause) paused.add(one.id);
      const url = one.lifecycleNotificationUrl;
      if (url === null) return;
      const value = {
        subscriptionId: one.id,
        subscriptionExpirationDateTime: expiryOf(one),
        tenantId: one.tenantId,
        clientState: one.clientState,
        lifecycleEvent: 'reauthorizationRequired',
      };
      ledger.add('challengesSent');
      void deliver(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ value: [value] }),
        timeoutMs: switches.firstTimeoutMs,
      }).catch(() => ledger.add('challengesFailed'));
    },

    authorised: (id) => void paused.delete(id),

    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      waiting.clear();
    },
  };
  return notifier;
}

import { z } from 'zod';
import { isAppError } from '../errors.ts';
import type { GraphClient } from './graph-client.ts';

/** Graph lets a subscription to a drive live this long; a little less, since its clock is not ours. */
export const subscriptionLifeMs = (42_300 - 30) * 60_000;

export interface NewSubscription {
  readonly driveId: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string;
  /** At most 128 characters; comes back with each notification. */
  readonly clientState: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface GraphSubscription {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly notificationUrl: string | undefined;
  /** Graph may keep it to itself. */
  readonly clientState: string | undefined;
}

const subscription = z.object({
  id: z.string(),
  expirationDateTime: z.string(),
  notificationUrl: z.string().nullish(),
  clientState: z.string().nullish(),
});

/**
 * Subscribes to every change in a drive. Graph asks both addresses to prove themselves before it answers. Throws `conflict` when
 * this app has such a subscription already (see `takenBy`), `forbidden` for a lack of permission or of room, `graph_error` when
 * an address did not prove itself.
 */
export async function createSubscription(
  client: GraphClient,
  wanted: NewSubscription,
): Promise<GraphSubscription> {
  const { body } = await client.call({
    method: 'POST',
    path: '/subscriptions',
    body: {
      // Drives know no other kind; it stands for added, changed and deleted.
      changeType: 'updated',
      resource: `/drives/${wanted.driveId}/root`,
      notificationUrl: wanted.notificationUrl,
      lifecycleNotificationUrl: wanted.lifecycleNotificationUrl,
      expirationDateTime: new Date(wanted.expiresAt).toISOString(),
      clientState: wanted.clientState,
      latestSupportedTlsVersion: 'v1_2',
    },
    schema: subscription,
  });
  return toSubscription(body);
}

/** Throws `not_found` when it is gone. */
export async function readSubscription(client: GraphClient, id: string): Promise<GraphSubscription> {
  const { body } = await client.call({
    path: `/subscriptions/${encodeURIComponent(id)}`,
    schema: subscription,
  });
  return toSubscription(body);
}

/** Extends it, and authorises it again where Graph asked for that. Throws `not_found` when it is gone. */
export async function renewSubscription(
  client: GraphClient,
  id: string,
  expiresAt: number,
): Promise<GraphSubscription> {
  const { body } = await client.call({
    method: 'PATCH',
    path: `/subscriptions/${encodeURIComponent(id)}`,
    body: { expirationDateTime: new Date(expiresAt).toISOString() },
    schema: subscription,
  });
  return toSubscription(body);
}

/** Harmless when it is gone. */
export async function removeSubscription(client: GraphClient, id: string): Promise<void> {
  try {
    await client.call({ method: 'DELETE', path: `/subscriptions/${encodeURIComponent(id)}` });
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
  }
}

/** Id of the subscription that a `conflict` names; Graph says it in its message only. */
export function takenBy(error: unknown): string | undefined {
  if (!isAppError(error, 'conflict')) return undefined;
  return /Subscription Id ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i.exec(error.detail ?? '')?.[1];
}

function toSubscription(body: z.infer<typeof subscription>): GraphSubscription {
  return {
    id: body.id,
    expiresAt: Date.parse(body.expirationDateTime),
    notificationUrl: body.notificationUrl ?? undefined,
    clientState: body.clientState ?? undefined,
  };
}

import * as z from 'zod';

export const subscription = z.object({
  id: z.string(),
  /** As the client wrote it. */
  resource: z.string(),
  /** What is watched, however it was written. */
  target: z.string(),
  changeType: z.string(),
  notificationUrl: z.string(),
  lifecycleNotificationUrl: z.string().nullable(),
  clientState: z.string().nullable(),
  /** Epoch ms. */
  expires: z.number(),
  appId: z.string(),
  tenantId: z.string(),
  creatorId: z.string(),
  /** Hears of changed permissions, too. */
  security: z.boolean().default(false),
  latestSupportedTlsVersion: z.string(),
});
export type Subscription = z.infer<typeof subscription>;

/** The shape of the API. clientState is told to its owner only when the subscription is made. */
export function subscriptionJson(one: Subscription, withState: boolean): Record<string, unknown> {
  return {
    id: one.id,
    resource: one.resource,
    applicationId: one.appId,
    changeType: one.changeType,
    clientState: withState ? one.clientState : null,
    notificationUrl: one.notificationUrl,
    notificationQueryOptions: null,
    lifecycleNotificationUrl: one.lifecycleNotificationUrl,
    expirationDateTime: new Date(one.expires).toISOString(),
    creatorId: one.creatorId,
    includeResourceData: null,
    latestSupportedTlsVersion: one.latestSupportedTlsVersion,
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationUrlAppId: null,
  };
}

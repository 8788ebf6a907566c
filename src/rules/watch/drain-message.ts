import { z } from 'zod';

const proven = {
  subscriptionId: z.string().min(1).max(200),
  /** SHA-256 of the clientState that came with it, in hex. */
  proof: z.string().regex(/^[0-9a-f]{64}$/),
};

/** A message of the queue `drains`. */
export const drainMessage = z.discriminatedUnion('kind', [
  /** Microsoft says that something changed; what, only the feed knows. Sent by api/notifications.ts. */
  z.object({ kind: z.literal('tap'), ...proven, count: z.int().min(1).optional() }),
  /** Microsoft wants something done about a subscription. */
  z.object({ kind: z.literal('lifecycle'), ...proven, event: z.string().max(100) }),
  /** Read what changed in a drive. `recheck`: how often it was looked in vain after a tap. */
  z.object({
    kind: z.literal('drain'),
    driveId: z.string(),
    connection: z.string(),
    tapped: z.boolean().optional(),
    recheck: z.int().optional(),
  }),
  /** Make, renew or end the subscription to a drive. */
  z.object({ kind: z.literal('subscribe'), driveId: z.string() }),
]);
export type DrainMessage = z.infer<typeof drainMessage>;
export type DrainOrder = Extract<DrainMessage, { kind: 'drain' }>;

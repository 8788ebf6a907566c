import { z } from 'zod';

/** A connection as the API tells it; members of newer versions pass through. */
export const connection = z.looseObject({
  id: z.string(),
  kind: z.string(),
  alias: z.string(),
  tenantId: z.string(),
  username: z.string().optional(),
  scopes: z.array(z.string()),
  health: z.string(),
  healthReason: z.object({ code: z.string(), message: z.string() }).optional(),
  lastTokenAt: z.string().optional(),
  createdBy: z.string(),
  signedInAt: z.string().optional(),
});
export type Connection = z.infer<typeof connection>;

export const connectionPage = z.object({ value: z.array(connection), nextLink: z.url().optional() });

import { z } from 'zod';
import type { Installation } from './installation.ts';

const session = z.object({
  objectId: z.string(),
  tenantId: z.string(),
  name: z.string(),
  username: z.string(),
  administrator: z.boolean(),
  connectionId: z.string(),
});

/** Who the bearer of a token is, as the installation says now. */
export type WhoAmI = z.infer<typeof session>;

export function whoAmI(installation: Installation, token: string): Promise<WhoAmI> {
  return installation.api(token, 'GET', '/api/session', session);
}

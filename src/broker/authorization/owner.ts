import { z } from 'zod';

/** A person as a pending sign-in of a program keeps them. What they may do is decided when it is used. */
export const ownerSchema = z.object({
  objectId: z.string(),
  tenantId: z.string(),
  homeAccountId: z.string(),
  name: z.string(),
  username: z.string(),
  connectionId: z.string(),
});

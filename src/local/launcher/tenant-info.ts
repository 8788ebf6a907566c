import { z } from 'zod';

const person = z.object({
  upn: z.string(),
  password: z.string(),
  id: z.string(),
  driveId: z.string(),
  admin: z.boolean().optional(),
});

/** The line that the local tenant prints with --json: the only thing that the launcher knows of it. */
export const tenantInfo = z.object({
  loginUrl: z.url(),
  pagesUrl: z.url(),
  graphUrl: z.url(),
  filesUrl: z.url(),
  vaultUrl: z.url(),
  controlUrl: z.url(),
  caFile: z.string(),
  tenantId: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  identityEndpoint: z.url(),
  identityHeader: z.string(),
  users: z.array(person).min(1),
  siteId: z.string(),
  siteDriveId: z.string(),
  bigDriveId: z.string().nullish(),
  partner: z.object({ tenantId: z.string(), users: z.array(person).min(1) }),
  personal: z.object({ users: z.array(person).min(1) }),
});

export type TenantInfo = z.infer<typeof tenantInfo>;
export type TenantPerson = z.infer<typeof person>;

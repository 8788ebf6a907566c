import { z } from 'zod';

export const connectionHealths = ['active', 'needs_sign_in', 'needs_consent', 'disabled'] as const;

export type ConnectionHealth = (typeof connectionHealths)[number];

/** Why a connection is not active: a stable code, a sentence for a person, and when it was found out (ms). */
export const healthReasonSchema = z.object({ code: z.string(), message: z.string(), at: z.number() });

export const connectionSchema = z.object({
  /** `con_…` */
  id: z.string(),
  /** `user`: delegated, of one person. `app`: app-only in one tenant. */
  kind: z.enum(['user', 'app']),
  /** Unique, lower case; what callers put into `audience`. */
  alias: z.string(),
  tenantId: z.string(),
  /** MSAL's home account id; user connections only. */
  homeAccountId: z.string().optional(),
  /** Of the person, or of the app's service principal in that tenant. */
  objectId: z.string().optional(),
  username: z.string().optional(),
  displayName: z.string().optional(),
  /** Delegated scopes that were granted, or app roles that were proved. */
  scopes: z.array(z.string()),
  health: z.enum(connectionHealths),
  healthReason: healthReasonSchema.optional(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  /** Object id of the person who made it. */
  createdBy: z.string(),
  /** When its person last signed in (ms). */
  signedInAt: z.number().optional(),
  /** When Entra last gave a token (ms). */
  lastTokenAt: z.number().optional(),
  /** Grows with every change that must end what was answered before: sign-in, health, removal. */
  epoch: z.number().int(),
});

/** A stored right to act on Graph. It holds no token. */
export type Connection = Readonly<z.infer<typeof connectionSchema>>;

/** True for the account that a person signs in with, and for further ones that they connected. */
export function isTheirs(
  {
    kind,
    tenantId,
    objectId,
    createdBy,
  }: Pick<Connection, 'kind'> & Partial<Pick<Connection, 'tenantId' | 'objectId' | 'createdBy'>>,
  person: { readonly tenantId: string; readonly objectId: string },
): boolean {
  if (kind !== 'user') return false;
  const same = tenantId === person.tenantId && objectId === person.objectId;
  return same || createdBy === person.objectId;
}

import { z } from 'zod';
import { sha256 } from '../digest.ts';
import type { TokenRefusal, VerifyIssuerToken } from '../issuer-tokens.ts';

/** A person's access token that Entra made for this installation's own app. It is passed on to Entra and kept nowhere. */
export interface UserToken {
  readonly assertion: string;
  readonly sha256: string;
  readonly tenantId: string;
  readonly objectId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type UserTokenResult =
  | { readonly ok: true; readonly user: UserToken }
  | { readonly ok: false; readonly reason: TokenRefusal | 'not_a_person' };

const personClaims = z.object({
  tid: z.guid(),
  oid: z.guid(),
  /** Only an access token of a person has it: an ID token proves a sign-in, not that this app was called. */
  scp: z.string().min(1),
  idtyp: z.literal('user').optional(),
  exp: z.number(),
});

/** Throws what `VerifyIssuerToken` throws. */
export async function verifyUserToken(
  verify: VerifyIssuerToken,
  assertion: string,
): Promise<UserTokenResult> {
  const verified = await verify(assertion);
  if (!verified.ok) return verified;
  const read = personClaims.safeParse(verified.claims);
  // The one trusted issuer with a tenant is the installation's own.
  if (!read.success || verified.trusted.tenantId === undefined) return { ok: false, reason: 'not_a_person' };
  const { tid, oid, exp } = read.data;
  const tenantId = tid.toLowerCase();
  const objectId = oid.toLowerCase();
  return {
    ok: true,
    user: { assertion, sha256: sha256(assertion), tenantId, objectId, expiresAt: exp * 1000 },
  };
}

/**
 * How policies and the audit name a person whose token a caller brings. It can't be the alias of a connection, which holds no
 * slash, and `*` never crosses one: who may have a person's stored sign-in and who may act for them while they are there are two grants.
 */
export function personName(objectId: string): string {
  return `user/${objectId}`;
}

/** True for a name that `personName` gives. */
export function isPersonName(text: string): boolean {
  return /^user\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

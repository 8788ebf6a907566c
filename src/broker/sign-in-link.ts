import type { Connection } from './connection.ts';
import { connectPath } from './flows/return-to.ts';
import { personalTenantId } from './token-check.ts';

type Account = Partial<Pick<Connection, 'tenantId' | 'username'>>;

/**
 * Where the person of a connection signs in again: at Microsoft's page, with the account named. `hints` are options of a
 * sign-in, such as a claims challenge that it must meet.
 */
export function signInLink(
  publicUrl: string,
  account: Account,
  hints: Readonly<Record<string, string>> = {},
): string {
  return publicUrl + signInPath(account, hints);
}

/** The same as a path of this site. */
export function signInPath(
  { tenantId, username }: Account,
  hints: Readonly<Record<string, string>> = {},
): string {
  const personal = tenantId === personalTenantId;
  const query = new URLSearchParams({
    ...(personal ? { account: 'personal' } : {}),
    ...(username === undefined ? {} : { login_hint: username }),
    ...hints,
  }).toString();
  const path = personal ? connectPath : '/auth/sign-in';
  return query === '' ? path : `${path}?${query}`;
}

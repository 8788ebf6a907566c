import type { Connection } from './connection.ts';
import { connectPath } from './flows/return-to.ts';
import { personalTenantId } from './token-check.ts';

type Account = Partial<Pick<Connection, 'tenantId' | 'username'>>;

/** Where the person of a connection signs in again: at Microsoft's page, with the account named. */
export function signInLink(publicUrl: string, account: Account): string {
  return publicUrl + signInPath(account);
}

/** The same as a path of this site. */
export function signInPath({ tenantId, username }: Account): string {
  const personal = tenantId === personalTenantId;
  const query = new URLSearchParams({
    ...(personal ? { account: 'personal' } : {}),
    ...(username === undefined ? {} : { login_hint: username }),
  }).toString();
  const path = personal ? connectPath : '/auth/sign-in';
  return query === '' ? path : `${path}?${query}`;
}

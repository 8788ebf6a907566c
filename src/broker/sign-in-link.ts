import type { Connection } from './connection.ts';
import { connectPath } from './flows/return-to.ts';
import { personalTenantId } from './token-check.ts';

/** Where the person of a connection signs in again: at Microsoft's page, with the account named. */
export function signInLink(
  publicUrl: string,
  { tenantId, username }: Partial<Pick<Connection, 'tenantId' | 'username'>>,
): string {
  const personal = tenantId === personalTenantId;
  const link = new URL(publicUrl + (personal ? connectPath : '/auth/sign-in'));
  if (personal) link.searchParams.set('account', 'personal');
  if (username !== undefined) link.searchParams.set('login_hint', username);
  return link.href;
}

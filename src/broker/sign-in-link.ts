import type { Connection } from './connection.ts';

/** Where the person of a connection signs in again: at Microsoft's page, with the account named. */
export function signInLink(publicUrl: string, connection: Pick<Connection, 'username'>): string {
  const link = new URL(`${publicUrl}/auth/sign-in`);
  if (connection.username !== undefined) link.searchParams.set('login_hint', connection.username);
  return link.href;
}

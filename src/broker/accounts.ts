import type { Leases } from '../storage/leases.ts';
import type { Authorization } from './authorization/authorization.ts';
import type { Connection, Connections } from './connections.ts';
import type { Handles } from './on-behalf-of/handles.ts';
import type { Sessions } from './sessions.ts';
import { tokenLeases } from './token-lease.ts';
import type { TokenRows } from './token-rows.ts';

/** What ends with a connection, or with the sign-in behind it. Other instances follow within five seconds. */
export interface Accounts {
  /**
   * Erases all stored tokens and ends every session and every program that came of the connection. A person must sign in
   * again, the alias stays theirs; an app connection fetches new tokens when it is asked next. Undefined when it is gone.
   */
  signOut(id: string): Promise<Connection | undefined>;
  /** Switches a connection off, whoever signs in, or on again. Off, its sessions and programs end too. */
  setEnabled(id: string, enabled: boolean): Promise<Connection | undefined>;
  /** Ends the connection itself, with its tokens, leases, sessions and programs. False when there was none. */
  remove(id: string): Promise<boolean>;
}

const signedOut = {
  code: 'signed_out',
  message: 'The person was signed out everywhere. They must sign in again.',
};

export function createAccounts(deps: {
  readonly connections: Pick<Connections, 'get' | 'setHealth' | 'setEnabled' | 'endAnswers' | 'remove'>;
  readonly rows: Pick<TokenRows, 'erase'>;
  readonly leases: Pick<Leases, 'forgetAll'>;
  readonly sessions: Pick<Sessions, 'endAllOf'>;
  readonly authorization: Pick<Authorization, 'endAllOf'>;
  readonly handles: Pick<Handles, 'endAllOf'>;
}): Accounts {
  const { connections, rows, leases, sessions, authorization, handles } = deps;

  async function endSignIns(id: string, connection: Connection | undefined): Promise<void> {
    await sessions.endAllOf(id);
    await authorization.endAllOf(id);
    // What callers hold to act for the person ends with the person's sign-in.
    if (connection?.kind === 'user' && connection.objectId) await handles.endAllOf(connection.objectId);
  }

  return {
    async signOut(id) {
      const found = await connections.get(id);
      if (!found) return undefined;
      // The connection first: from then on nobody is answered from what is erased next.
      const ended =
        found.kind === 'user' && found.health !== 'disabled'
          ? await connections.setHealth(found.id, 'needs_sign_in', signedOut)
          : await connections.endAnswers(found.id);
      await rows.erase(found.id);
      await endSignIns(found.id, found);
      return ended;
    },

    async setEnabled(id, enabled) {
      const changed = await connections.setEnabled(id, enabled);
      if (!enabled) await endSignIns(id, changed);
      return changed;
    },

    async remove(id) {
      const found = await connections.get(id);
      const removed = await connections.remove(id);
      await rows.erase(id);
      await leases.forgetAll(tokenLeases(id));
      await endSignIns(id, found);
      return removed;
    },
  };
}

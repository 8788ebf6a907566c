import { z } from 'zod';
import type { Accounts } from '../broker/accounts.ts';
import { requireAlias } from '../broker/alias.ts';
import type { Audit, AuditAction } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Connection } from '../broker/connection.ts';
import type { Connections } from '../broker/connections.ts';
import type { Person } from '../broker/sessions.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import {
  connectionView,
  createFindConnection,
  noSuchConnection,
  toConnectionView,
} from './connection-view.ts';
import { type Handler, json, noContent, readJson, routeParameter, withApiErrors } from './http.ts';

const change = z
  .strictObject({
    alias: z.string().min(1).max(127).optional().describe('What callers and policies call it from now on'),
    enabled: z.boolean().optional().describe('false: nobody gets anything from it, whoever signs in'),
  })
  .refine((given) => Object.keys(given).length > 0, 'names nothing to change');

export const connectionChangeOperations: readonly ApiOperation[] = [
  {
    method: 'PATCH',
    path: '/api/connections/{id}',
    summary: 'Rename a connection, or switch it off and on; a new sign-in changes neither',
    auth: 'administrator',
    request: change,
    response: connectionView,
  },
  {
    method: 'POST',
    path: '/api/connections/{id}/sign-out',
    summary:
      'Sign out everywhere: stored tokens are erased, sessions and programs end, other instances follow within 5 seconds',
    auth: 'person',
    response: connectionView,
  },
  {
    method: 'DELETE',
    path: '/api/connections/{id}',
    summary: 'End a connection: its tokens are erased and its sessions end',
    auth: 'person',
    status: 204,
  },
];

/** What the pages and the API both do to a connection: find it, audit it, do it. Each throws `not_found`. */
export interface ChangeConnection {
  signOut(idOrAlias: string, person: Person, requestId: string): Promise<Connection>;
  remove(idOrAlias: string, person: Person, requestId: string): Promise<void>;
  /** For administrators: policies name aliases, so whoever gives them out decides where callers are led. */
  rename(idOrAlias: string, alias: string, person: Person, requestId: string): Promise<Connection>;
  setEnabled(idOrAlias: string, enabled: boolean, person: Person, requestId: string): Promise<Connection>;
}

export function createChangeConnection(deps: {
  readonly connections: Pick<Connections, 'get' | 'rename'>;
  readonly accounts: Accounts;
  readonly audit: Pick<Audit, 'record'>;
}): ChangeConnection {
  const { accounts, audit, connections } = deps;
  const find = createFindConnection(connections);

  /** The connection, once the audit says what is about to be done to it. */
  async function begin(action: AuditAction, idOrAlias: string, person: Person, requestId: string) {
    const found = await find(idOrAlias, person);
    const actor = auditPerson(person);
    const { id, alias } = found;
    await audit.record({
      action,
      outcome: 'granted',
      reason: 'ok',
      requestId,
      actor,
      target: id,
      connection: { id, alias },
    });
    return found;
  }

  return {
    async signOut(idOrAlias, person, requestId) {
      const { id } = await begin('connection.sign_out', idOrAlias, person, requestId);
      return orAbsent(await accounts.signOut(id));
    },

    async remove(idOrAlias, person, requestId) {
      const { id } = await begin('connection.delete', idOrAlias, person, requestId);
      await accounts.remove(id);
    },

    async rename(idOrAlias, alias, person, requestId) {
      requireAdministrator(person);
      requireAlias(alias);
      const { id } = await begin('connection.rename', idOrAlias, person, requestId);
      return orAbsent(await connections.rename(id, alias));
    },

    async setEnabled(idOrAlias, enabled, person, requestId) {
      requireAdministrator(person);
      const action = enabled ? 'connection.enable' : 'connection.disable';
      const { id } = await begin(action, idOrAlias, person, requestId);
      return orAbsent(await accounts.setEnabled(id, enabled));
    },
  };
}

export interface ConnectionChangesApi {
  readonly change: Handler;
  readonly signOut: Handler;
  readonly remove: Handler;
}

export function createConnectionChangesApi(deps: {
  readonly changeConnection: ChangeConnection;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): ConnectionChangesApi {
  const { changeConnection, authorize, publicUrl, ports } = deps;
  const shown = (connection: Connection) => json(200, toConnectionView(connection, publicUrl));

  return {
    change: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const id = routeParameter(request, 'id');
      const { alias, enabled } = await readJson(request, change);
      let changed: Connection | undefined;
      if (alias !== undefined) changed = await changeConnection.rename(id, alias, person, requestId);
      if (enabled !== undefined) {
        changed = await changeConnection.setEnabled(changed?.id ?? id, enabled, person, requestId);
      }
      return shown(orAbsent(changed));
    }, ports),

    signOut: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      return shown(await changeConnection.signOut(routeParameter(request, 'id'), person, requestId));
    }, ports),

    remove: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      await changeConnection.remove(routeParameter(request, 'id'), person, requestId);
      return noContent();
    }, ports),
  };
}

function requireAdministrator(person: Person): void {
  if (person.administrator) return;
  throw new AppError('forbidden', 'Only an administrator of this installation may do this.');
}

function orAbsent(connection: Connection | undefined): Connection {
  if (connection) return connection;
  throw noSuchConnection();
}

import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Broker } from '../broker/broker.ts';
import type { Connection } from '../broker/connection.ts';
import type { Person } from '../broker/sessions.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { connectionView, maySee, toConnectionView } from './connection-view.ts';
import { type Handler, json, noContent, readJson, readQuery, routeParameter, withApiErrors } from './http.ts';
import { listOf, pageOf, pageQuery } from './list-page.ts';

const permission = z.string().regex(/^[\w.-]{1,128}$/, 'is not a permission of Microsoft Graph');
const newConnection = z.strictObject({
  kind: z.literal('app'),
  alias: z.string().min(1).max(127),
  tenantId: z.guid(),
  permissions: z.array(permission).min(1).max(50),
});

export const connectionOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/connections',
    summary: 'Connections: all for an administrator, their own for a person',
    auth: 'person',
    query: pageQuery.extend({ username: z.string().optional().describe('Only this user name') }),
    response: listOf(connectionView),
  },
  {
    method: 'GET',
    path: '/api/connections/{id}',
    summary: 'One connection, by id or alias',
    auth: 'person',
    response: connectionView,
  },
  {
    method: 'POST',
    path: '/api/connections',
    summary: 'Connect a tenant that has consented: an app-only token proves it',
    auth: 'administrator',
    request: newConnection,
    response: connectionView,
    status: 201,
  },
  {
    method: 'DELETE',
    path: '/api/connections/{id}',
    summary: 'End a connection: its tokens are erased and its sessions end',
    auth: 'person',
    status: 204,
  },
  {
    method: 'POST',
    path: '/api/connections/{id}/refresh',
    summary: 'Fetch a new token now, to see whether the connection works; the token is not given',
    auth: 'person',
    response: connectionView,
  },
];

export interface ConnectionsApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly create: Handler;
  readonly remove: Handler;
  readonly refresh: Handler;
}

export function createConnectionsApi(deps: {
  readonly broker: Pick<Broker, 'connections' | 'connectTenant' | 'removeConnection' | 'getToken'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): ConnectionsApi {
  const { broker, audit, authorize, ports } = deps;
  const listUrl = `${deps.publicUrl}/api/connections`;
  const query = pageQuery.extend({ username: z.string().max(256).optional() });

  /** To a person, another's connection is as absent as one that never was. */
  async function find(idOrAlias: string, person: Person): Promise<Connection> {
    const found = await broker.connections.get(idOrAlias);
    if (found && maySee(person, found)) return found;
    throw new AppError('not_found', 'There is no such connection.');
  }

  return {
    list: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      const page = readQuery(request, query);
      const all = (await broker.connections.list())
        .filter((each) => maySee(person, each))
        .filter(
          (each) =>
            page.username === undefined || each.username?.toLowerCase() === page.username.toLowerCase(),
        );
      const found = pageOf(all, page, (each) => each.alias, listUrl);
      return json(200, { ...found, value: found.value.map(toConnectionView) });
    }, ports),

    get: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      return json(200, toConnectionView(await find(routeParameter(request, 'id'), person)));
    }, ports),

    create: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const input = await readJson(request, newConnection);
      await audit.record({
        outcome: 'granted',
        reason: 'ok',
        action: 'connection.create',
        requestId,
        actor: auditPerson(person),
        target: input.alias,
      });
      const made = await broker.connectTenant({ ...input, createdBy: person.objectId });
      return json(201, toConnectionView(made), { location: `${listUrl}/${made.id}` });
    }, ports),

    remove: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      const found = await find(routeParameter(request, 'id'), person);
      await audit.record({
        outcome: 'granted',
        reason: 'ok',
        action: 'connection.delete',
        requestId,
        actor: auditPerson(person),
        target: found.id,
      });
      await broker.removeConnection(found.id);
      return noContent();
    }, ports),

    refresh: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      const found = await find(routeParameter(request, 'id'), person);
      await broker.getToken({ connectionId: found.id, forceRefresh: true });
      return json(200, toConnectionView(await find(found.id, person)));
    }, ports),
  };
}

import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Broker } from '../broker/broker.ts';
import { type Connection, connectionHealths } from '../broker/connection.ts';
import type { Person } from '../broker/sessions.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { claimsParameter } from './claims-parameter.ts';
import { connectionView, createFindConnection, maySee, toConnectionView } from './connection-view.ts';
import {
  type Handler,
  json,
  readJson,
  readOptionalJson,
  readQuery,
  routeParameter,
  withApiErrors,
} from './http.ts';
import { listOf, pageOf, pageQuery } from './list-page.ts';

const permission = z.string().regex(/^[\w.-]{1,128}$/, 'is not a permission of Microsoft Graph');
const newConnection = z.strictObject({
  kind: z.literal('app'),
  alias: z.string().min(1).max(127),
  tenantId: z.guid(),
  permissions: z.array(permission).min(1).max(50),
});

const text = z.string().min(1).max(256).optional();
const listQuery = pageQuery.extend({
  user: text.describe('Only of this person: object id, user name, or a part of the name'),
  username: text.describe('Only this user name'),
  tenant: text.describe('Only of this tenant (id)'),
  kind: z.enum(['user', 'app']).optional(),
  health: z.enum(connectionHealths).optional(),
});
type Filters = Omit<z.output<typeof listQuery>, 'limit' | 'after'>;

const refreshBody = z.strictObject({
  claims: claimsParameter.optional(),
});

export const connectionOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/connections',
    summary: 'Connections: all for an administrator, their own for a person',
    auth: 'person',
    query: listQuery,
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
    method: 'POST',
    path: '/api/connections/{id}/refresh',
    summary: 'Fetch a new token now, to see whether the connection works; the token is not given',
    auth: 'person',
    request: refreshBody,
    response: connectionView,
  },
];

export interface ConnectionsApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly create: Handler;
  readonly refresh: Handler;
}

export function createConnectionsApi(deps: {
  readonly broker: Pick<Broker, 'connections' | 'connectTenant' | 'getToken'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): ConnectionsApi {
  const { broker, audit, authorize, publicUrl, ports } = deps;
  const listUrl = `${publicUrl}/api/connections`;
  const find = createFindConnection(broker.connections);

  return {
    list: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      const { limit, after, ...filters } = readQuery(request, listQuery);
      const all = (await broker.connections.list()).filter((each) => isListed(each, person, filters));
      const found = pageOf(all, { limit, after }, (each) => each.alias, listUrl, filters);
      return json(200, { ...found, value: found.value.map((each) => toConnectionView(each, publicUrl)) });
    }, ports),

    get: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      return json(200, toConnectionView(await find(routeParameter(request, 'id'), person), publicUrl));
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
      return json(201, toConnectionView(made, publicUrl), { location: `${listUrl}/${made.id}` });
    }, ports),

    refresh: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      const { claims } = await readOptionalJson(request, refreshBody);
      const found = await find(routeParameter(request, 'id'), person);
      await broker.getToken({ connectionId: found.id, forceRefresh: true, claims });
      return json(200, toConnectionView(await find(found.id, person), publicUrl));
    }, ports),
  };
}

function isListed(connection: Connection, person: Person, wanted: Filters): boolean {
  const same = (asked: string | undefined, is: string | undefined) =>
    asked === undefined || asked.toLowerCase() === is?.toLowerCase();
  return (
    maySee(person, connection) &&
    (wanted.user === undefined || isOf(connection, wanted.user.toLowerCase())) &&
    same(wanted.username, connection.username) &&
    same(wanted.tenant, connection.tenantId) &&
    same(wanted.kind, connection.kind) &&
    same(wanted.health, connection.health)
  );
}

/** An app connection is nobody's: its object id is that of a service principal. */
function isOf({ kind, objectId, username, displayName }: Connection, user: string): boolean {
  return (
    kind === 'user' &&
    (objectId?.toLowerCase() === user ||
      username?.toLowerCase() === user ||
      displayName?.toLowerCase().includes(user) === true)
  );
}

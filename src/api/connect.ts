import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Connection } from '../broker/connection.ts';
import type { ExpectedPerson } from '../broker/flows/accept-grant.ts';
import type { Ways } from '../broker/flows/ways.ts';
import type { Person } from '../broker/sessions.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { connectionView, toConnectionView } from './connection-view.ts';
import { type Handler, json, readJson, readOptionalJson, routeParameter, withApiErrors } from './http.ts';
import { isoTime } from './list-page.ts';

const expected = z
  .strictObject({ objectId: z.string().max(64).optional(), username: z.string().max(256).optional() })
  .describe('Whose sign-in it must turn out to be; for anybody but an administrator it is their own');

const deviceStart = z.strictObject({ expected: expected.optional() });
const importBody = z.strictObject({
  refresh_token: z.string().min(1).max(12_000),
  client_id: z.guid().optional().describe('The app that the token was issued to, where that is known'),
  expected: expected.optional(),
});
const passwordBody = z.strictObject({
  username: z.string().min(1).max(256),
  password: z.string().min(1).max(512),
});

export const connectOperations: readonly ApiOperation[] = [
  {
    method: 'POST',
    path: '/api/connections/device',
    summary: 'Start the sign-in of a person on another device; off unless the settings switch it on',
    auth: 'person',
    request: deviceStart,
    response: z.object({
      id: z.string(),
      userCode: z.string(),
      verificationUri: z.url(),
      interval: z.number().describe('Seconds between two polls'),
      expiresAt: z.string(),
    }),
    status: 201,
  },
  {
    method: 'POST',
    path: '/api/connections/device/{id}',
    summary: 'Ask whether that sign-in is done: 202 while it is not. Only for whoever started it',
    auth: 'person',
    response: z.object({
      status: z.enum(['pending', 'connected']),
      interval: z.number().optional(),
      expiresAt: z.string().optional(),
      connection: connectionView.optional(),
    }),
  },
  {
    method: 'POST',
    path: '/api/connections/import',
    summary:
      'Keep a refresh token of this app that was obtained elsewhere, after Microsoft has said whose it is',
    auth: 'person',
    request: importBody,
    response: connectionView,
    status: 201,
  },
  {
    method: 'POST',
    path: '/api/connections/password',
    summary: 'Sign in an account without a second factor; off unless the settings switch it on',
    auth: 'administrator',
    request: passwordBody,
    response: connectionView,
    status: 201,
  },
];

export interface ConnectApi {
  readonly deviceStart: Handler;
  readonly devicePoll: Handler;
  readonly import: Handler;
  readonly password: Handler;
}

/** Of a poll: nothing was decided yet. */
const untold: ReadonlySet<string> = new Set(['slow_down', 'not_found', 'forbidden']);

/** Ways to a connection that need no browser of this installation. What is sent here is never sent back. */
export function createConnectApi(deps: {
  readonly ways: Ways;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): ConnectApi {
  const { ways, authorize, ports } = deps;

  /** Does the work of a sign-in and leaves its one audit event, when there is something to tell. */
  async function recorded<T extends { readonly connection?: Connection }>(
    person: Person,
    requestId: string,
    work: () => Promise<T>,
  ): Promise<T> {
    const event = { action: 'connection.sign_in', requestId, actor: auditPerson(person) } as const;
    const result = await work().catch(async (error: unknown) => {
      const reason = isAppError(error) ? error.code : 'internal_error';
      if (!untold.has(reason)) await deps.audit.record({ ...event, outcome: 'failed', reason });
      throw error;
    });
    if (result.connection) {
      const { id, alias } = result.connection;
      await deps.audit.record({ ...event, outcome: 'granted', reason: 'ok', connection: { id, alias } });
    }
    return result;
  }

  const created = ({ connection }: { readonly connection: Connection }) =>
    json(201, toConnectionView(connection, deps.publicUrl), {
      location: `${deps.publicUrl}/api/connections/${connection.id}`,
    });

  return {
    deviceStart: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      const body = await readOptionalJson(request, deviceStart);
      const started = await ways.device.start({
        starter: person.objectId,
        expected: whom(person, body.expected),
      });
      const { id, userCode, verificationUri, intervalSeconds, expiresAt } = started;
      return json(
        201,
        { id, userCode, verificationUri, interval: intervalSeconds, expiresAt: isoTime(expiresAt) },
        { location: `${deps.publicUrl}/api/connections/device/${id}` },
      );
    }, ports),

    devicePoll: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      const id = routeParameter(request, 'id');
      const answer = await recorded(person, requestId, () => ways.device.poll(id, person.objectId));
      if (answer.status === 'pending') {
        const { intervalSeconds, expiresAt } = answer;
        return json(
          202,
          { status: 'pending', interval: intervalSeconds, expiresAt: isoTime(expiresAt) },
          { 'retry-after': String(intervalSeconds) },
        );
      }
      return json(200, {
        status: 'connected',
        connection: toConnectionView(answer.connection, deps.publicUrl),
      });
    }, ports),

    import: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      const body = await readJson(request, importBody);
      const token = {
        refreshToken: body.refresh_token,
        clientId: body.client_id,
        expected: whom(person, body.expected),
      };
      return created(
        await recorded(person, requestId, async () => ({ connection: await ways.import(token) })),
      );
    }, ports),

    password: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const given = await readJson(request, passwordBody);
      return created(
        await recorded(person, requestId, async () => ({ connection: await ways.password(given) })),
      );
    }, ports),
  };
}

/** An administrator may connect anybody's account; a person only their own. Throws `forbidden`. */
function whom(person: Person, asked: ExpectedPerson | undefined): ExpectedPerson {
  if (person.administrator) return asked ?? {};
  const { objectId, username } = person;
  const other =
    (asked?.objectId !== undefined && asked.objectId.toLowerCase() !== objectId.toLowerCase()) ||
    (asked?.username !== undefined && asked.username.toLowerCase() !== username.toLowerCase());
  if (other) throw new AppError('forbidden', 'Only an administrator may connect the account of another.');
  return { objectId };
}

import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { IssueToken } from '../broker/issue-token.ts';
import { graphResource } from '../broker/issued-token.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { CallerConnection } from './caller-connection.ts';
import {
  apiHeaders,
  type Handler,
  json,
  logFailure,
  retryHeaders,
  statusOf,
  toPublicError,
  withHeaders,
} from './http.ts';
import type { ProveCaller } from './prove-caller.ts';

const selectors = ['client_id', 'object_id', 'principal_id', 'mi_res_id', 'msi_res_id'] as const;

const query = z.object({
  'api-version': z.enum(['2019-08-01', '2018-02-01', '2017-09-01']),
  resource: z.string().min(1).max(200).describe('Identifier of the API'),
  client_id: z
    .string()
    .max(256)
    .optional()
    .describe('Alias or id of a connection; not needed by a caller with one'),
});

export const identityOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/identity',
    summary:
      "A token in the form of App Service's managed identity; the header X-IDENTITY-HEADER is the caller's key",
    auth: 'caller',
    query,
    response: z.object({
      access_token: z.string(),
      token_type: z.literal('Bearer'),
      expires_on: z.string().describe('Seconds since 1970'),
      expires_in: z.string(),
      not_before: z.string(),
      resource: z.string(),
      client_id: z.string(),
    }),
  },
];

/** What MSAL and the Azure SDKs show; the code of ours stands beside it. */
const errorNames: Partial<Record<ErrorCode, string>> = {
  invalid_target: 'invalid_resource',
  unauthorized: 'unauthorized_client',
  policy_denied: 'access_denied',
  rate_limited: 'temporarily_unavailable',
  throttled: 'temporarily_unavailable',
  upstream_unavailable: 'temporarily_unavailable',
  storage_unavailable: 'temporarily_unavailable',
};

/**
 * `GET /identity`: looks like the managed identity of App Service, so that tools which know that take tokens from here
 * unchanged. The connection is chosen by `client_id`, never by the address: the SDKs keep the address for a whole process.
 */
export function createIdentityEndpoint(deps: {
  readonly prove: ProveCaller;
  readonly callerConnection: CallerConnection;
  readonly issueToken: IssueToken;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): Handler {
  const { ports } = deps;

  async function answer(request: HttpRequest, requestId: string): Promise<HttpResponseInit> {
    const caller = await deps.prove.byText(keyOf(request), { action: 'token.issue', requestId });
    const { version, resource, connection } = readAsk(request);
    const audience = connection ?? (await deps.callerConnection(caller, 'identity'));
    const token = await deps.issueToken({
      requestId,
      caller,
      audience,
      delivery: 'identity',
      scopes: [],
      resource,
    });
    const now = ports.clock();
    return json(200, {
      access_token: token.accessToken,
      token_type: 'Bearer',
      expires_on: String(Math.floor(token.expiresAt / 1000)),
      expires_in: String(Math.max(0, Math.floor((token.expiresAt - now) / 1000))),
      not_before: String(Math.floor(now / 1000)),
      resource: version === '2017-09-01' ? `${resource}/` : resource,
      client_id: audience,
    });
  }

  return async (request) => {
    const requestId = newId('req', ports.random);
    const headers = { ...apiHeaders, 'x-request-id': requestId };
    try {
      return withHeaders(await answer(request, requestId), headers);
    } catch (thrown) {
      const error = toPublicError(thrown);
      const status = identityStatus(error.code);
      if (status >= 500) logFailure(ports, error, thrown, requestId);
      const body = {
        error: errorNames[error.code] ?? error.code,
        error_description: error.message,
        // Of these two MSAL for Python makes its message.
        statusCode: status,
        message: error.message,
        code: error.code,
        correlationId: requestId,
      };
      return withHeaders(json(status, body, retryHeaders(error)), headers);
    }
  };
}

/** 404 and 410 mean to the SDKs that the endpoint is still starting, and 401 for a connection would look like a bad key. */
function identityStatus(code: ErrorCode): number {
  if (code === 'reauth_required' || code === 'interaction_required' || code === 'claims_challenge')
    return 403;
  const status = statusOf(code);
  return status === 404 || status === 410 ? 403 : status;
}

/** App Service's header, the one of HashiCorp's tools, or that of the first version; exactly one. */
function keyOf(request: HttpRequest): string {
  const found = ['x-identity-header', 'x-ms-identity', 'secret'].flatMap(
    (name) => request.headers.get(name) ?? [],
  );
  if (found.length > 1 || request.headers.get('authorization') !== null) {
    throw new AppError(
      'invalid_request',
      'Send the key of the caller in X-IDENTITY-HEADER and nowhere else.',
    );
  }
  return found[0] ?? '';
}

function readAsk(request: HttpRequest): {
  readonly version: string;
  readonly resource: string;
  readonly connection: string | undefined;
} {
  const given = new URL(request.url).searchParams;
  const names = [...given.keys()];
  if (new Set(names).size < names.length) {
    throw new AppError('invalid_request', 'A parameter of the query is given more than once.');
  }
  const version = query.shape['api-version'].safeParse(given.get('api-version'));
  if (!version.success) throw new AppError('invalid_request', 'api-version must be 2019-08-01.');
  const resource = query.shape.resource.safeParse(given.get('resource'));
  if (!resource.success) throw new AppError('invalid_request', 'resource names no API.');
  const named = new Set(selectors.flatMap((name) => given.get(name) || []));
  if (named.size > 1) throw new AppError('invalid_request', 'The query names several identities.');
  const [connection] = named;
  if (connection !== undefined && connection.length > 256) {
    throw new AppError('invalid_request', 'client_id names no connection.');
  }
  return { version: version.data, resource: plainResource(resource.data), connection };
}

/** Without `/.default` and the last slash; Graph's application id is Graph. */
function plainResource(text: string): string {
  const plain = text.replace(/\/\.default$/, '').replace(/\/$/, '');
  return plain === '00000003-0000-0000-c000-000000000000' ? graphResource : plain;
}

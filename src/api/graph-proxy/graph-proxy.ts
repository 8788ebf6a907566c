import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { newId, type Ports } from '../../ports.ts';
import type { ApiOperation } from '../api-operation.ts';
import type { CallerConnection } from '../caller-connection.ts';
import { apiHeaders, type Handler, logFailure, statusOf, toPublicError, withHeaders } from '../http.ts';
import type { ProveCaller } from '../prove-caller.ts';
import { readBytes } from '../read-request.ts';
import { serveBatch } from './batch.ts';
import { graphError } from './error.ts';
import { headersForGraph } from './headers.ts';
import type { ProxyCall, ServeCall } from './serve-call.ts';

/** Names the connection whose rights a call uses; not needed by a caller that may use only one. */
export const connectionHeader = 'x-valet-connection';

const anything = z
  .unknown()
  .describe("Graph's own answer; errors too have Graph's shape, ours with our code");
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export const graphProxyOperations: readonly ApiOperation[] = methods.flatMap((method) => [
  {
    method,
    path: '/graph/v1.0/{path}',
    summary: 'Microsoft Graph without a token, as far as the policy of the caller lets calls through',
    auth: 'caller',
    response: anything,
  },
  {
    method,
    path: '/graph/beta/{path}',
    summary: 'The same for the beta of Graph, where a rule of the policy says beta',
    auth: 'caller',
    response: anything,
  },
]);

/** Larger files go through an upload session, which needs no token at all. */
const largestBodyBytes = 16 * 1024 * 1024;
const address = /^\/graph\/(v1\.0|beta)(\/.*)$/i;

/** `ANY /graph/v1.0/…`: Graph, narrowed by method and path. What a caller sends beside the call itself stays here. */
export function createGraphProxy(deps: {
  readonly prove: ProveCaller;
  readonly callerConnection: CallerConnection;
  readonly calls: ServeCall;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): Handler {
  const { prove, calls, ports } = deps;

  async function answer(request: HttpRequest, requestId: string): Promise<HttpResponseInit> {
    const caller = await prove.byAuthorization(request, { action: 'graph.call', requestId });
    const { pathname, search } = new URL(request.url);
    const [, version = '', path = ''] = address.exec(pathname) ?? [];
    if (path === '') throw new AppError('invalid_request', 'The address names nothing of Microsoft Graph.');
    const audience = request.headers.get(connectionHeader) ?? (await deps.callerConnection(caller, 'proxy'));
    const asker = { requestId, caller, audience };
    const call: ProxyCall = {
      method: request.method.toUpperCase(),
      version: version.toLowerCase() === 'beta' ? 'beta' : 'v1.0',
      address: `${path}${search}`,
      headers: headersForGraph(request.headers),
    };
    const hasBody = call.method !== 'GET' && call.method !== 'DELETE';
    if (path.toLowerCase() === '/$batch') {
      return serveBatch({ calls, ports }, asker, call, await readBytes(request, largestBodyBytes));
    }
    // Judged before the body is read: one that is refused can't make us read much.
    const admitted = await calls.admit(asker, call);
    const body = hasBody ? await readBytes(request, largestBodyBytes) : undefined;
    return calls.serve({ ...admitted, call: { ...call, ...(body?.length ? { body } : {}) } });
  }

  return async (request) => {
    const requestId = newId('req', ports.random);
    const headers = { ...apiHeaders, 'x-request-id': requestId };
    try {
      return withHeaders(await answer(request, requestId), headers);
    } catch (thrown) {
      const error = toPublicError(thrown);
      if (statusOf(error.code) >= 500) logFailure(ports, error, thrown, requestId);
      return withHeaders(graphError(error, requestId, ports.clock()), headers);
    }
  };
}

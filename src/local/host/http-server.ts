import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpData, InvocationResponse } from './core-types.ts';
import type { FunctionKeys } from './function-keys.ts';
import { toRpcRequest, writeEmpty, writeRpcResponse } from './http-message.ts';
import type { HostLog } from './log.ts';
import { readBody } from './read-body.ts';
import type { HttpFunction } from './registrations.ts';
import { createRouteTable } from './route-table.ts';
import type { RunFunction } from './run-function.ts';

export interface HttpServerDeps {
  readonly functions: readonly HttpFunction[];
  readonly keys: FunctionKeys;
  readonly run: RunFunction;
  readonly log: HostLog;
  /** Answers what lies under /admin/. */
  readonly admin: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
}

/** The server with the app's routes, not yet listening. */
export function createHttpServer({ functions, keys, run, log, admin }: HttpServerDeps): Server {
  const findRoute = createRouteTable(
    functions.map((fn) => ({ segments: fn.segments, methods: new Set(fn.methods), target: fn })),
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    if (!path.startsWith('/')) return writeEmpty(response, 400);
    if (/^\/admin\//i.test(path)) return admin(request, response, path);

    const match = findRoute(request.method ?? 'GET', path);
    if (!match) return writeEmpty(response, 404);
    const fn = match.target;
    if (fn.authLevel !== 'anonymous' && !keys.allows(fn.authLevel, request)) return writeEmpty(response, 401);

    const body = await readBody(request);
    if (body.kind === 'tooLarge') return writeEmpty(response, 413, { connection: 'close' });
    if (body.kind === 'aborted') return;
    if (request.headers['transfer-encoding'] !== undefined) {
      log('warning', 'a chunked request reaches the function without its body, as in Azure', {
        function: fn.name,
      });
    }

    const data = toRpcRequest(request, localAuthority(request), match.params, body.bytes);
    const result = await run(fn, {
      inputData: [{ name: fn.binding, data }],
      ...traceContext(request),
    }).catch(() => undefined);
    // `run` has logged the error already, and nothing of it may reach the client.
    if (!result) return writeEmpty(response, 500);
    writeRpcResponse(request, response, httpOutput(fn, result));
  }

  const server = createServer({ keepAliveTimeout: 65_000, maxHeaderSize: 32_768 }, (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    answer(request, response).catch((error: unknown) => {
      log('error', 'a request could not be answered', { method: request.method ?? '', path, error });
      if (response.headersSent) response.destroy();
      else writeEmpty(response, 500);
    });
  });
  if (log.enabled('debug')) logRequests(server, log);
  return server;
}

function logRequests(server: Server, log: HostLog): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const started = performance.now();
    response.on('finish', () => {
      const durationMs = Math.round(performance.now() - started);
      const path = request.url?.split('?', 1)[0] ?? '';
      log('debug', 'request', {
        method: request.method ?? '',
        path,
        status: response.statusCode,
        durationMs,
      });
    });
  });
}

function localAuthority(request: IncomingMessage): string {
  return `localhost:${request.socket.localPort}`;
}

function traceContext(request: IncomingMessage) {
  const { traceparent, tracestate } = request.headers;
  if (typeof traceparent !== 'string') return {};
  const traceState = typeof tracestate === 'string' ? { traceState: tracestate } : {};
  return { traceContext: { traceParent: traceparent, ...traceState } };
}

function httpOutput(fn: HttpFunction, response: InvocationResponse): HttpData | undefined {
  if (fn.output === '$return') return response.returnValue?.http;
  return response.outputData?.find((entry) => entry.name === fn.output)?.data.http;
}

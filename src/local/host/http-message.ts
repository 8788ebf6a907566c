import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HttpData, TypedData } from './core-types.ts';
import { setCookieText } from './set-cookie.ts';

const noQuery: Readonly<Record<string, string>> = Object.freeze({});

/** A request in the form in which the real host sends it to the worker. */
export function toRpcRequest(
  request: IncomingMessage,
  authority: string,
  params: Readonly<Record<string, string>>,
  body: Uint8Array | undefined,
): TypedData {
  const path = request.url ?? '/';
  return {
    http: {
      url: `http://${request.headers.host ?? authority}${path}`,
      method: request.method ?? 'GET',
      headers: toFlatHeaders(request.headers),
      query: queryOf(path),
      params,
      ...(body && { body: { bytes: body } }),
    },
  };
}

/** Writes what a function returned; nothing returned is 204. */
export function writeRpcResponse(
  request: IncomingMessage,
  response: ServerResponse,
  data: HttpData | undefined,
) {
  if (!data) {
    response.writeHead(204).end();
    return;
  }
  const status = Number(data.statusCode ?? 200);
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(data.headers ?? {})) {
    // Framing belongs to the server; a HEAD handler may still say how long the body would be.
    if (name === 'transfer-encoding' || name === 'connection') continue;
    if (name === 'content-length' && request.method !== 'HEAD') continue;
    headers[name] = value;
  }
  if (data.cookies && data.cookies.length > 0) {
    const kept = headers['set-cookie'];
    headers['set-cookie'] = [...(typeof kept === 'string' ? [kept] : []), ...data.cookies.map(setCookieText)];
  }
  const body = bodyBytes(data.body);
  if (status !== 204 && status !== 304) headers['content-length'] ??= body.byteLength;
  response.writeHead(status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** An answer of the host itself, always without a body, as the real host gives it. */
export function writeEmpty(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-length': 0, ...headers }).end();
}

function bodyBytes(body: TypedData | null | undefined): Uint8Array {
  return body?.bytes ?? Buffer.from(body?.string ?? body?.json ?? '');
}

function toFlatHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(',');
  }
  return flat;
}

/** Repeated keys become one value with commas, as they do on the way to the real worker. */
function queryOf(path: string): Readonly<Record<string, string>> {
  const start = path.indexOf('?');
  if (start < 0) return noQuery;
  const query: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(path.slice(start))) {
    const known = Object.hasOwn(query, key) ? query[key] : undefined;
    query[key] = known === undefined ? value : `${known},${value}`;
  }
  return query;
}

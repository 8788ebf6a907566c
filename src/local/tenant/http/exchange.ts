import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Exchange, ListenerName } from './route.ts';
import { HttpFault } from './route.ts';
import type { Ports } from './urls.ts';
import { toUrls } from './urls.ts';

/** Turns a request whose body was read into an exchange without path parameters and token. */
export function toExchange(
  request: IncomingMessage,
  body: Buffer,
  listener: ListenerName,
  ports: Ports,
): Exchange {
  const host = request.headers.host;
  const urls = toUrls(ports, listener, host);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const url = toUrl(request.url ?? '/', urls[listener]);
  return {
    listener,
    method: request.method ?? 'GET',
    url,
    params: {},
    query: url.searchParams,
    headers,
    body,
    form: () => new URLSearchParams(body.toString('utf8')),
    json: () => toJson(body),
    requestId: randomUUID(),
    urls,
  };
}

/** A request target may be absolute (proxies send it so); a path that begins with // must not become a host. */
function toUrl(target: string, base: string): URL {
  try {
    return target.startsWith('/') ? new URL(base + target) : new URL(target, base);
  } catch {
    return new URL('/%00', 'http://localhost');
  }
}

function toJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpFault(
      400,
      'BadRequest',
      'Unable to read JSON request payload. Please ensure it is valid JSON.',
    );
  }
}

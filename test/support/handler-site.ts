import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Cookie, HttpRequest } from '@azure/functions';
import type { Handler } from '../../src/api/http.ts';

/** `GET /consent/{ticket}` and its handler; the first that fits is served. */
export type SiteRoutes = Readonly<Record<string, Handler>>;

export interface HandlerSite {
  /** `http://localhost:port` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Handlers over real HTTP on a free port, without the Functions host. `routes` is asked at each request. */
export async function serveHandlers(routes: () => SiteRoutes): Promise<HandlerSite> {
  const server = createServer((request, response) => {
    answer(request, response, routes()).catch((error: unknown) => {
      response.writeHead(599).end(error instanceof Error ? error.stack : String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, routes: SiteRoutes) {
  const url = new URL(`http://${request.headers.host}${request.url}`);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  for (const [route, handler] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ');
    const params = method === request.method ? match(path, url.pathname) : undefined;
    if (!params) continue;
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    const reply = await handler(
      new HttpRequest({
        method,
        url: url.href,
        headers: Object.fromEntries(headers),
        query: Object.fromEntries(url.searchParams),
        params,
        ...(chunks.length > 0 ? { body: { bytes: Buffer.concat(chunks) } } : {}),
      }),
    );
    const sent = new Headers(reply.headers as Record<string, string>);
    for (const cookie of reply.cookies ?? []) response.appendHeader('set-cookie', write(cookie));
    response.writeHead(reply.status ?? 200, Object.fromEntries(sent));
    response.end(reply.body as string | undefined);
    return;
  }
  response.writeHead(404).end();
}

function match(template: string, path: string): Record<string, string> | undefined {
  const names: string[] = [];
  const source = template.replace(/\{(\*?)(\w+)\}/g, (_, all: string, name: string) => {
    names.push(name);
    return all ? '(.*)' : '([^/]+)';
  });
  const found = new RegExp(`^${source}$`).exec(path);
  if (!found) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]));
}

function write({ name, value, maxAge, path, secure, httpOnly, sameSite, domain }: Cookie): string {
  return [
    `${name}=${value}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    ...(path ? [`Path=${path}`] : []),
    ...(domain ? [`Domain=${domain}`] : []),
    ...(secure ? ['Secure'] : []),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(sameSite ? [`SameSite=${sameSite}`] : []),
  ].join('; ');
}

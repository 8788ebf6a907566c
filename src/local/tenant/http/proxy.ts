import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { open } from './listen.ts';
import type { Urls } from './route.ts';
import { listenerOfHost } from './urls.ts';

export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * An HTTP CONNECT proxy on loopback: Microsoft's host names lead to the tenant's listeners, every other host is refused
 * with 403, so that a client can't reach the network by mistake.
 */
export async function startProxy(port: number, urls: Urls): Promise<Proxy> {
  const tunnels = new Set<Duplex>();
  const server = createServer((_request, response) => {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('This proxy only leads CONNECT requests for hosts of Microsoft to the local tenant.\n');
  });
  server.on('connect', (request, client: Duplex, head: Buffer) => {
    tunnels.add(client);
    client.on('close', () => tunnels.delete(client));
    client.on('error', () => client.destroy());
    const [host = '', asked] = (request.url ?? '').split(':');
    const listener = asked === '443' ? listenerOfHost(host) : undefined;
    if (listener === undefined) {
      client.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\n\r\nThe local tenant plays no ${host}.\n`,
      );
      return;
    }
    const target = connect(Number(new URL(urls[listener]).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) target.write(head);
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
  });
  const bound = await open(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        for (const tunnel of tunnels) tunnel.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

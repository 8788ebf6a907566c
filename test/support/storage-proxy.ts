import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of one request to storage. `pass`; `refuse`: the connection breaks and nothing was done; `lost`: it was done, and the
 * connection breaks before the answer; `hang`: no answer ever; a number: that status in place of the service.
 */
export type Fate = 'pass' | 'refuse' | 'lost' | 'hang' | number;

export interface StorageRequest {
  readonly method: string;
  /** `tokens(PartitionKey='…',RowKey='…')` and the like, below the account. */
  readonly path: string;
}

export interface StorageProxy {
  /** Leads to the same account through this proxy. */
  readonly connection: string;
  /** Decides from now on; without a decision everything passes. */
  decide(fate?: (request: StorageRequest) => Fate): void;
  stop(): Promise<void>;
}

/** Stands before the tables of a storage account and lets them fail as a service does. */
export async function createStorageProxy(connection: string): Promise<StorageProxy> {
  const endpoint = /TableEndpoint=http:\/\/127\.0\.0\.1:(\d+)\//.exec(connection);
  if (!endpoint) throw new Error('the connection string names no table endpoint of Azurite');
  const upstream = Number(endpoint[1]);
  const agent = new Agent({ keepAlive: true });
  let decide: (request: StorageRequest) => Fate = () => 'pass';

  const server = createServer((incoming, outgoing) => {
    const path = decodeURIComponent((incoming.url ?? '').split('?')[0] ?? '').replace(/^\/[^/]+\//, '');
    const fate = decide({ method: incoming.method ?? '', path });
    if (fate === 'refuse') incoming.socket.destroy();
    else if (fate === 'hang') incoming.resume();
    else if (typeof fate === 'number') {
      incoming.resume();
      const body = JSON.stringify({ 'odata.error': { code: 'ServerBusy', message: { value: 'busy' } } });
      outgoing.writeHead(fate, { 'content-type': 'application/json' }).end(body);
    } else forward(incoming, outgoing, fate === 'lost');
  });

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, isLost: boolean) {
    const { method, url, headers } = incoming;
    const to = { host: '127.0.0.1', port: upstream, method, path: url, headers, agent };
    const asked = request(to, (answer) => {
      if (isLost) {
        answer.resume().once('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asked.once('error', () => incoming.socket.destroy());
    incoming.pipe(asked);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connection: connection.replace(endpoint[0], endpoint[0].replace(`:${upstream}/`, `:${port}/`)),
    decide(fate = () => 'pass') {
      decide = fate;
    },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

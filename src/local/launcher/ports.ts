import { createServer, type Server } from 'node:net';

/**
 * Finds `count` different TCP ports that are free on 127.0.0.1 right now. A port of `preferred` is taken where it
 * is free, by its place in the list; the system chooses the others. Nothing is reserved: use them soon.
 */
export async function findPorts(count: number, preferred: readonly number[] = []): Promise<number[]> {
  const servers: Server[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const wish = preferred[index];
      const server =
        (wish === undefined ? undefined : await listen(wish).catch(ignoreBusy)) ?? (await listen(0));
      servers.push(server);
    }
    return servers.map(portOf);
  } finally {
    // Held until all are found, so that no port is found twice.
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function ignoreBusy(error: unknown): undefined {
  // Not `instanceof Error`: under jest, Node's own errors are of another realm.
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE' || code === 'EACCES') return undefined;
  throw error;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A server has no port.');
  return address.port;
}

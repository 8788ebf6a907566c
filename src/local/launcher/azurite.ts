import { createRequire } from 'node:module';
import { connect } from 'node:net';
import path from 'node:path';
import { type Child, type ChildExit, spawnChild } from './child.ts';
import { findPorts } from './ports.ts';

export interface StorageAccount {
  readonly name: string;
  /** Base64. */
  readonly key: string;
}

export interface AzuritePorts {
  readonly blob: number;
  readonly queue: number;
  readonly table: number;
}

export interface AzuriteOptions {
  /** Folder for the data; without one it is kept in memory only. */
  readonly location?: string;
  readonly accounts: readonly StorageAccount[];
  readonly ports?: AzuritePorts;
}

export interface Azurite {
  readonly ports: AzuritePorts;
  /** Connection string of one of the accounts; throws for a name that is not among them. */
  connectionString(account: string): string;
  stop(): Promise<void>;
  /** Resolves when the process has ended, by `stop` or by itself. */
  readonly exited: Promise<ChildExit>;
}

const startLimitMs = 30_000;
/** Somebody may take a port between our finding it and Azurite's opening it. */
const attempts = 3;

/** Starts Azurite as a child on 127.0.0.1; resolves when blob, queue and table answer. It ends with this process. */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = options.ports ?? (await freePorts());
    const child = spawnChild({
      entry: path.join(
        path.dirname(createRequire(import.meta.url).resolve('azurite/package.json')),
        'dist/src/azurite.js',
      ),
      args: azuriteArguments(options, ports),
      env: { AZURITE_ACCOUNTS: options.accounts.map(({ name, key }) => `${name}:${key}`).join(';') },
      name: 'Azurite',
    });
    const gaveUp = new AbortController();
    try {
      // Azurite prints no JSON: the second one only ends the wait when the child dies early.
      await Promise.race([allAnswer(ports, gaveUp.signal), child.firstJsonLine()]);
      return running(child, ports, options.accounts);
    } catch (error) {
      gaveUp.abort();
      await child.stop('SIGKILL');
      const portsTaken = error instanceof Error && error.message.includes('EADDRINUSE');
      if (options.ports || !portsTaken || attempt === attempts) throw error;
    }
  }
}

function azuriteArguments({ location }: AzuriteOptions, ports: AzuritePorts): string[] {
  return [
    '--silent',
    // Newer SDKs send an API version that Azurite does not list yet.
    '--skipApiVersionCheck',
    '--disableTelemetry',
    ...(location === undefined ? ['--inMemoryPersistence'] : ['--location', location]),
    ...['--blobHost', '127.0.0.1', '--blobPort', String(ports.blob)],
    ...['--queueHost', '127.0.0.1', '--queuePort', String(ports.queue)],
    ...['--tableHost', '127.0.0.1', '--tablePort', String(ports.table)],
  ];
}

function running(child: Child, ports: AzuritePorts, accounts: readonly StorageAccount[]): Azurite {
  return {
    ports,
    exited: child.exited,
    stop: () => child.stop(),
    connectionString(name) {
      const account = accounts.find((candidate) => candidate.name === name);
      if (!account) throw new Error(`Azurite was not given an account "${name}".`);
      const endpoint = (port: number) => `http://127.0.0.1:${port}/${name}`;
      return [
        'DefaultEndpointsProtocol=http',
        `AccountName=${name}`,
        `AccountKey=${account.key}`,
        `BlobEndpoint=${endpoint(ports.blob)}`,
        `QueueEndpoint=${endpoint(ports.queue)}`,
        `TableEndpoint=${endpoint(ports.table)}`,
      ].join(';');
    },
  };
}

async function freePorts(): Promise<AzuritePorts> {
  const [blob = 0, queue = 0, table = 0] = await findPorts(3);
  return { blob, queue, table };
}

async function allAnswer({ blob, queue, table }: AzuritePorts, gaveUp: AbortSignal): Promise<void> {
  const until = Date.now() + startLimitMs;
  for (const port of [blob, queue, table]) {
    while (!gaveUp.aborted && !(await answers(port))) {
      if (Date.now() > until) throw new Error(`Azurite did not open port ${port} within ${startLimitMs} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

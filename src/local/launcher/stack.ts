import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { startAzurite } from './azurite.ts';
import { buildApp } from './build.ts';
import { type Child, spawnChild } from './child.ts';
import { developmentAccount } from './development-account.ts';
import { hostSettings } from './host-settings.ts';
import { findPorts } from './ports.ts';
import { type TenantInfo, tenantInfo } from './tenant-info.ts';

export interface StackOptions {
  /** Where state is kept, and found again at the next start. */
  readonly folder: string;
  /** The console's port; another free one is taken when it is busy. */
  readonly port?: number;
  /** Extra settings for the app. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Extra arguments for the local tenant. */
  readonly tenantArguments?: readonly string[];
  /** Extra arguments for the host. */
  readonly hostArguments?: readonly string[];
  /** Uses this storage rather than starting an Azurite of its own. */
  readonly storageConnection?: string;
  /** Takes the bundle that is there rather than making a new one. */
  readonly entry?: string;
  readonly onLine?: (source: string, line: string) => void;
}

export interface Stack {
  readonly url: string;
  readonly port: number;
  readonly tenant: TenantInfo;
  readonly storageConnection: string;
  /** Fires a timer or queue function now, as the real host's admin route does. */
  trigger(functionName: string, input?: unknown): Promise<void>;
  /** Kills the host process without warning. */
  killHost(): Promise<void>;
  startHost(): Promise<void>;
  /** One more host on the same storage, at a port of its own, as a second instance in Azure. */
  addHost(): Promise<Host>;
  /** Process id of the host; undefined while there is none. */
  hostPid(): number | undefined;
  /** Resolves with a sentence when Azurite or the tenant ends by itself. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

export interface Host {
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

const listening = z.object({ url: z.string() });

/** Azurite, the local tenant and one host with the app, on loopback, as children that end with this process. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = path.resolve(options.folder);
  await mkdir(folder, { recursive: true });
  const [port = 0] = await findPorts(1, options.port ? [options.port] : undefined);
  const url = `http://localhost:${port}`;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };

  try {
    const starting = [
      options.entry ?? buildApp(path.join(folder, 'app')).then((built) => built.entry),
      startTenant(folder, url, options, stops),
      startStorage(folder, options, stops),
    ] as const;
    // All have ended one way or the other before a failure is reported: what did start is then stopped.
    await Promise.allSettled(starting);
    const [entry, tenant, storage] = await Promise.all(starting);
    const masterKey = randomBytes(24).toString('base64url');
    let host: Child | undefined;
    const spawnHost = (at: number) =>
      spawnChild({
        entry: path.join(import.meta.dirname, '../host/main.ts'),
        args: ['--app', entry, '--port', String(at), '--json', ...(options.hostArguments ?? [])],
        env: {
          ...hostSettings(tenant.info, url, storage.connection),
          FUNCTIONS_MASTER_KEY: masterKey,
          ...options.settings,
        },
        name: 'The app',
        onLine: (text) => options.onLine?.('app', text),
      });
    const startHost = async () => {
      host = spawnHost(port);
      await host.firstJsonLine();
    };
    stops.push(async () => host?.stop());
    await startHost();

    return {
      url,
      port,
      tenant: tenant.info,
      storageConnection: storage.connection,
      startHost,
      hostPid: () => host?.pid,
      async addHost() {
        const child = spawnHost(0);
        stops.push(() => child.stop());
        const ready = listening.parse(await child.firstJsonLine());
        return { url: ready.url, pid: child.pid, stop: () => child.stop() };
      },
      stop,
      killHost: async () => host?.stop('SIGKILL'),
      failed: Promise.race([tenant.ended, storage.ended]),
      async trigger(functionName, input) {
        const answer = await fetch(`${url}/admin/functions/${functionName}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-functions-key': masterKey },
          body: JSON.stringify({ input: input === undefined ? '' : JSON.stringify(input) }),
        });
        if (answer.status !== 202)
          throw new Error(`the host answered ${answer.status} to a trigger of ${functionName}`);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Forgets everything that an earlier stack left in the folder. */
export async function removeState(folder: string): Promise<void> {
  await rm(path.resolve(folder), { recursive: true, force: true });
}

async function startStorage(folder: string, options: StackOptions, stops: (() => Promise<void>)[]) {
  if (options.storageConnection) return { connection: options.storageConnection, ended: never };
  const azurite = await startAzurite({
    location: path.join(folder, 'azurite'),
    accounts: [developmentAccount],
  });
  stops.push(() => azurite.stop());
  const connection = azurite.connectionString(developmentAccount.name);
  return { connection, ended: azurite.exited.then(() => 'Azurite ended') };
}

async function startTenant(
  folder: string,
  url: string,
  options: StackOptions,
  stops: (() => Promise<void>)[],
) {
  const callbacks = ['/auth/callback', '/consent/callback'].flatMap((at) => [
    '--redirect-uri',
    `${url}${at}`,
  ]);
  const state = ['--state', path.join(folder, 'tenant')];
  const child = spawnChild({
    entry: path.join(import.meta.dirname, '../tenant/main.ts'),
    args: [
      ...state,
      ...callbacks,
      '--loopback-notifications',
      '--json',
      ...(options.tenantArguments ?? ['--port', '0']),
    ],
    name: 'The local tenant',
    onLine: (text) => options.onLine?.('tenant', text),
  });
  stops.push(() => child.stop());
  const info: TenantInfo = tenantInfo.parse(await child.firstJsonLine());
  return { info, ended: child.exited.then(() => 'The local tenant ended') };
}

const never = new Promise<string>(() => undefined);

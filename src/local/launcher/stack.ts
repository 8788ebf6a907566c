import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { startAzurite } from './azurite.ts';
import { buildApp } from './build.ts';
import { type Child, spawnChild } from './child.ts';
import { developmentAccount } from './development-account.ts';
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
  /** Resolves when one of the processes ends by itself. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

/** Azurite, the local tenant and one host with the app, on loopback, as children that end with this process. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = path.resolve(options.folder);
  await mkdir(folder, { recursive: true });
  const [port = 0] = await findPorts(1, options.port === undefined ? undefined : [options.port]);
  const url = `http://localhost:${port}`;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };

  try {
    const building = options.entry ? { entry: options.entry } : buildApp(path.join(folder, 'app'));
    const azurite = await startAzurite({
      location: path.join(folder, 'azurite'),
      accounts: [developmentAccount],
    });
    stops.push(() => azurite.stop());
    const tenantProcess = startTenant(folder, url, options);
    stops.push(() => tenantProcess.stop());
    const tenant = tenantInfo.parse(await tenantProcess.firstJsonLine());
    const { entry } = await building;

    const masterKey = randomBytes(24).toString('base64url');
    const storageConnection = azurite.connectionString(developmentAccount.name);
    const startHost = async () => {
      host = spawnChild({
        entry: path.join(import.meta.dirname, '../host/main.ts'),
        args: ['--app', entry, '--port', String(port), '--json'],
        env: {
          ...hostSettings({ tenant, url, storageConnection }),
          FUNCTIONS_MASTER_KEY: masterKey,
          ...options.settings,
        },
        name: 'host',
        onLine: (text) => options.onLine?.('host', text),
      });
      await host.firstJsonLine();
    };
    let host: Child | undefined;
    stops.push(async () => host?.stop());
    await startHost();

    return {
      url,
      port,
      tenant,
      storageConnection,
      startHost,
      stop,
      killHost: async () => host?.stop('SIGKILL'),
      failed: Promise.race([
        azurite.exited.then(() => 'Azurite ended'),
        tenantProcess.exited.then(() => 'the local tenant ended'),
      ]),
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

function startTenant(folder: string, url: string, options: StackOptions): Child {
  return spawnChild({
    entry: path.join(import.meta.dirname, '../tenant/main.ts'),
    args: [
      '--port',
      '0',
      '--state',
      path.join(folder, 'tenant'),
      '--loopback-notifications',
      '--redirect-uri',
      `${url}/auth/callback`,
      '--redirect-uri',
      `${url}/consent/callback`,
      '--json',
      ...(options.tenantArguments ?? []),
    ],
    env: {},
    name: 'tenant',
    onLine: (text) => options.onLine?.('tenant', text),
  });
}

/** The settings that a deployed app has too, pointing at this machine. */
function hostSettings(world: {
  tenant: TenantInfo;
  url: string;
  storageConnection: string;
}): Record<string, string> {
  const administrator = world.tenant.users.find((user) => user.admin);
  return {
    AzureWebJobsStorage: world.storageConnection,
    DataStorage: world.storageConnection,
    GRAPH_VALET_PUBLIC_URL: world.url,
    GRAPH_VALET_ADMINISTRATORS: administrator?.id ?? '',
    ENTRA_TENANT_ID: world.tenant.tenantId,
    ENTRA_CLIENT_ID: world.tenant.clientId,
    ENTRA_AUTHORITY_HOST: world.tenant.loginUrl,
    ENTRA_CREDENTIAL: 'secret',
    GRAPH_URL: world.tenant.graphUrl,
    KEY_VAULT_URI: world.tenant.vaultUrl,
    IDENTITY_ENDPOINT: world.tenant.identityEndpoint,
    IDENTITY_HEADER: world.tenant.identityHeader,
    NODE_EXTRA_CA_CERTS: world.tenant.caFile,
  };
}

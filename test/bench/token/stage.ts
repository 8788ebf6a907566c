import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Child, spawnChild } from '../../../src/local/launcher/child.ts';
import { type ConsoleClient, signInToConsole } from '../../../src/local/launcher/console-client.ts';
import { hostSettings } from '../../../src/local/launcher/host-settings.ts';
import { createCaller, type Seeded, seed } from '../../../src/local/launcher/seed.ts';
import { type Stack, startStack } from '../../../src/local/launcher/stack.ts';
import { createOidcIssuer, type OidcIssuer } from '../../support/oidc-issuer.ts';
import type { StockBrokerSettings } from './stock-broker.ts';

const callersOfLoad = 4;
const oidcTokens = 40;

/** The product, its storage and tenant, and a caller of each kind that may have every connection. */
export interface Stage {
  readonly stack: Stack;
  readonly admin: ConsoleClient;
  readonly seeded: Seeded;
  /** Settings of the app, for a process that uses its parts. */
  readonly settings: Readonly<Record<string, string>>;
  /** A token request by API key. */
  byKey(audience: string): LoadRequest;
  /** The same by tokens of an OIDC issuer, one after the other. */
  byOidc(audience: string): Promise<LoadRequest[]>;
  /** The server that everything is compared with; each is a process of its own. */
  bareServer(): Promise<Server>;
  emptyFunction(): Promise<Server>;
  stockBroker(): Promise<Server>;
  stop(): Promise<void>;
}

export interface LoadRequest {
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

const port = z.object({ port: z.number() });
const form = { 'content-type': 'application/x-www-form-urlencoded' };

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'graph-valet-bench-'));
  const issuer = await createOidcIssuer();
  const extra = {
    GRAPH_VALET_TRUSTED_ISSUERS: issuer.url,
    GRAPH_VALET_REQUESTS_PER_MINUTE: '1000000',
  };
  const stack = await startStack({ folder, port: 0, settings: extra });
  const servers: Child[] = [];
  const stop = async () => {
    for (const server of servers) await server.stop();
    await stack.stop();
    await issuer.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const seeded = await seed(stack, path.join(folder, 'seeded.json'));
    const administrator = stack.tenant.users.find((user) => user.admin);
    if (!administrator) throw new Error('the tenant has no administrator');
    const admin = await signInToConsole(stack.url, administrator);
    const caller = await createCaller(admin, 'load');
    const grant = {
      connection: ['contoso', 'person-*@contoso.example', 'new.*@contoso.example'],
      delivery: ['token'],
      scopes: ['https://graph.microsoft.com/.default'],
    };
    await admin.api('PUT', '/api/policies/load', { caller: { kind: 'api_key', id: caller.id }, grant });
    await admin.api('PUT', '/api/policies/load-oidc', {
      caller: { kind: 'oidc', issuer: issuer.url, subject: 'load-*' },
      grant,
    });
    const credentials = Buffer.from(`${caller.id}:${caller.key}`).toString('base64');

    const startServer = async (file: string, env: Record<string, string> = {}): Promise<Server> => {
      const child = spawnChild({ entry: path.join(import.meta.dirname, file), env, name: file });
      servers.push(child);
      const ready = port.parse(await child.firstJsonLine());
      return { url: `http://127.0.0.1:${ready.port}/`, stop: () => child.stop() };
    };

    return {
      stack,
      admin,
      seeded,
      settings: { ...hostSettings(stack.tenant, stack.url, stack.storageConnection), ...extra },
      stop,
      byKey: (audience) => ({
        headers: { ...form, authorization: `Basic ${credentials}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', audience }).toString(),
      }),
      byOidc: (audience) => oidcRequests(issuer, stack.url, audience),
      bareServer: () => startServer('bare-server.ts'),
      stockBroker() {
        const settings: StockBrokerSettings = {
          authority: `${stack.tenant.loginUrl}/${stack.tenant.tenantId}`,
          clientId: stack.tenant.clientId,
          clientSecret: stack.tenant.clientSecret,
          storageConnection: stack.storageConnection,
          callerId: caller.id,
          callerKey: caller.key,
        };
        return startServer('stock-broker.ts', {
          STOCK_BROKER: JSON.stringify(settings),
          NODE_EXTRA_CA_CERTS: stack.tenant.caFile,
        });
      },
      async emptyFunction() {
        const child = spawnChild({
          entry: path.join(import.meta.dirname, '../../../src/local/host/main.ts'),
          args: ['--app', path.join(import.meta.dirname, 'empty-app.ts'), '--port', '0', '--json'],
          env: { AzureWebJobsStorage: stack.storageConnection },
          name: 'the empty function',
        });
        servers.push(child);
        const ready = port.parse(await child.firstJsonLine());
        return { url: `http://localhost:${ready.port}/empty`, stop: () => child.stop() };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function oidcRequests(
  issuer: OidcIssuer,
  audience: string,
  connection: string,
): Promise<LoadRequest[]> {
  return Promise.all(
    Array.from({ length: oidcTokens }, async (_, index) => ({
      headers: form,
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        subject_token: await issuer.token({ sub: `load-${index % callersOfLoad}`, aud: audience }),
        audience: connection,
      }).toString(),
    })),
  );
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { z } from 'zod';
import { createApp, type RunningApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { createBrowser, type Page } from '../../src/local/launcher/browser.ts';
import { type Credentials, passSignIn } from '../../src/local/launcher/sign-in.ts';
import { describeTenant } from '../../src/local/tenant/describe.ts';
import type { User } from '../../src/local/tenant/directory/types.ts';
import type { TenantOptions } from '../../src/local/tenant/options.ts';
import { createTenant } from '../../src/local/tenant/tenant.ts';
import type { LogFields, Ports } from '../../src/ports.ts';
import { createStorage } from '../../src/storage/storage.ts';
import { serveHandlers } from './handler-site.ts';
import { freshStorage } from './storage.ts';

type Counts = Record<string, Record<string, Record<string, number>>>;

export type BrokerStage = Awaited<ReturnType<typeof createBrokerStage>>;

/** Ports of the Graph Valet registration are fixed addresses, so the site is listening before the tenant is made. */
export async function createBrokerStage(
  options: { readonly tenant?: Partial<TenantOptions>; readonly settings?: Record<string, string> } = {},
) {
  let main: RunningApp | undefined;
  const site = await serveHandlers(() => (main ? routesOf(main) : {}));
  const tenant = await createTenant({
    redirectUris: [`${site.url}/auth/callback`, `${site.url}/consent/callback`],
    ...options.tenant,
  });
  const urls = await tenant.start();
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(tenant.caFile, 'utf8')]);
  const info = describeTenant(tenant, urls, { items: 0 });
  process.env.IDENTITY_ENDPOINT = info.identityEndpoint;
  process.env.IDENTITY_HEADER = info.identityHeader;
  const connection = await freshStorage();
  const settings: Record<string, string> = {
    DataStorage: connection,
    GRAPH_VALET_PUBLIC_URL: site.url,
    GRAPH_VALET_ADMINISTRATORS: info.users.flatMap((user) => (user.admin ? [user.id] : [])).join(','),
    ENTRA_TENANT_ID: info.tenantId,
    ENTRA_CLIENT_ID: info.clientId,
    ENTRA_AUTHORITY_HOST: info.loginUrl,
    ENTRA_CREDENTIAL: 'secret',
    GRAPH_URL: info.graphUrl,
    KEY_VAULT_URI: info.vaultUrl,
    ...options.settings,
  };
  const config: Config = readConfig(settings);

  const time = { offset: 0 };
  const lines: (LogFields & { event: string; level: string })[] = [];
  const line = (level: string) => (event: string, fields?: LogFields) =>
    void lines.push({ level, event, ...fields });
  const ports: Ports = {
    clock: () => Date.now() + time.offset,
    random: randomBytes,
    fetch: (...call) => globalThis.fetch(...call),
    log: { info: line('info'), warn: line('warn'), error: line('error') },
  };

  /** Another process of the same installation: nothing is shared but what is stored. */
  const instance = (given: Partial<Ports> = {}, changed: Partial<Config> = {}) =>
    createApp({ ...config, ...changed }, { ...ports, ...given });
  const app = instance();
  main = app;

  async function control<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const reply = await fetch(`${urls.control}/control${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  const people = tenant.directory.users(info.tenantId);
  const person = (upn: string): User => {
    const found = people.find((user) => user.upn.startsWith(`${upn}@`));
    if (!found) throw new Error(`the tenant has no ${upn}`);
    return found;
  };

  return {
    site,
    tenant,
    urls,
    info,
    config,
    settings,
    ports,
    lines,
    time,
    app,
    broker: app.broker,
    instance,
    control,
    person,
    /** The tables, without the product in between. */
    storage: createStorage(config, ports),
    anything: z.unknown(),
    identity: (switches: Record<string, unknown>) => control('PATCH', '/identity', switches),
    fault: (rule: Record<string, unknown>) => control('POST', '/faults', rule),
    /** How often the token endpoint was asked, whatever it answered. */
    async asked(): Promise<number> {
      const { counts } = await control<{ counts: Counts }>('GET', '/calls');
      const routes = Object.entries(counts.login ?? {}).filter(([route]) => route.endsWith('/v2.0/token'));
      return routes.flatMap(([, statuses]) => Object.values(statuses)).reduce((sum, each) => sum + each, 0);
    },
    /** Makes another instance answer the site; none: every address is unknown. */
    serve(instance: RunningApp | undefined) {
      main = instance;
    },
    /** A person's way through Microsoft's pages up to the address that leads back, which nobody has opened yet. */
    async wayBack(who: Credentials, broker: RunningApp['broker'] = app.broker) {
      const { location, cookie } = await broker.signIn.begin(new URLSearchParams());
      const served = main;
      main = undefined;
      const browser = createBrowser();
      const { url } = await passSignIn(browser, await browser.open(location), who, site.url);
      main = served;
      return { location: new URL(location), query: url.searchParams, cookie };
    },
    /** Leaves the tenant well, as it was at the start; the directory stays. */
    async heal() {
      await control('DELETE', '/faults');
      await control('DELETE', '/identity');
      await control('DELETE', '/calls');
      time.offset = 0;
    },
    /** A person signs in with a browser of their own. */
    async signIn(
      who: Credentials,
      query = '',
    ): Promise<{ page: Page; browser: ReturnType<typeof createBrowser> }> {
      const browser = createBrowser();
      const start = await browser.open(`${site.url}/auth/sign-in${query}`);
      return { page: await passSignIn(browser, start, who, site.url), browser };
    },
    /** The connection of a person who signs in now. */
    async connect(upn: string) {
      const { page } = await this.signIn(person(upn));
      if (page.status !== 200) throw new Error(`sign-in of ${upn} ended with ${page.status}: ${page.html}`);
      const connection = await app.broker.connections.get(person(upn).upn.toLowerCase());
      if (!connection) throw new Error(`${upn} has no connection after the sign-in`);
      return connection;
    },
    async stop() {
      await site.stop();
      await tenant.stop();
    },
  };
}

function routesOf({ http }: RunningApp) {
  return {
    'GET /auth/sign-in': http.signIn,
    'GET /auth/connect': http.connectAccount,
    'GET /auth/callback': http.signInCallback,
    'POST /auth/sign-out': http.signOut,
    'GET /consent/callback': http.consentCallback,
    'GET /consent/{ticket}': http.consentPage,
    'GET /consent/{ticket}/continue': http.consentContinue,
    'GET /api/session': http.session.get,
    'POST /oauth2/token': http.token,
    'GET /identity': http.identity,
    ...Object.fromEntries(
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) => [
        [`${method} /graph/v1.0/{*path}`, http.graphProxy],
        [`${method} /graph/beta/{*path}`, http.graphProxy],
      ]),
    ),
    'GET /api/notices': http.notices.list,
    'POST /api/notices/test': http.notices.test,
    'GET /api/keys': http.keys.get,
    'POST /api/keys/rotate': http.keys.rotate,
    'POST /api/keys/{id}/retire': http.keys.retire,
    'GET /readyz': http.health.ready,
    ...connectionRoutes(http),
    ...programRoutes(http),
    'GET /api/people/{id}/export': http.people.export,
    'DELETE /api/people/{id}': http.people.erase,
    'GET /connections/{id}': http.connectionPage,
    'POST /connections/{id}/{action}': http.connectionAction,
    'GET /': http.home,
  };
}

function connectionRoutes({ connect, connections, connectionChanges, ownToken }: RunningApp['http']) {
  return {
    'POST /api/connections/device': connect.deviceStart,
    'POST /api/connections/device/{id}': connect.devicePoll,
    'POST /api/connections/import': connect.import,
    'POST /api/connections/password': connect.password,
    'GET /api/connections': connections.list,
    'GET /api/connections/{id}': connections.get,
    'PATCH /api/connections/{id}': connectionChanges.change,
    'DELETE /api/connections/{id}': connectionChanges.remove,
    'POST /api/connections/{id}/refresh': connections.refresh,
    'POST /api/connections/{id}/sign-out': connectionChanges.signOut,
    'POST /api/connections/{id}/token': ownToken,
  };
}

function programRoutes(http: RunningApp['http']) {
  return {
    'GET /.well-known/oauth-authorization-server': http.metadata,
    'POST /oauth2/device_authorization': http.ownTokens.deviceAuthorization,
    'POST /oauth2/revoke': http.ownTokens.revoke,
    'GET /oauth2/authorize': http.authorizePage,
    'GET /oauth2/authorize/continue': http.authorizeContinue,
    'GET /device': http.devicePage,
    'POST /device': http.deviceDecision,
    'GET /api/callers': http.callers.list,
    'POST /api/policies/explain': http.explain,
  };
}

import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { createGraph } from '../../src/graph/client.ts';
import type { GraphClient } from '../../src/graph/graph-client.ts';
import { createMeter } from '../../src/graph/meter.ts';
import { createInventory, type Inventory, type Snapshot } from '../../src/inventory/inventory.ts';
import type { TenantOptions } from '../../src/local/tenant/options.ts';
import { createTenant } from '../../src/local/tenant/tenant.ts';
import { type Ports, systemPorts } from '../../src/ports.ts';
import { createGathering, type GatherState, type GatherTask } from '../../src/reports/gather/gathering.ts';
import { crawlAll } from './inventory-world.ts';
import { createTestStorage } from './jobs-world.ts';
import { freshStorage } from './storage.ts';

export type GatherWorld = Awaited<ReturnType<typeof createGatherWorld>>;

/** The local tenant, a storage account, and what gathers from the one into the other, as the app of the tenant. */
export async function createGatherWorld(options: Partial<TenantOptions> = {}) {
  const tenant = await createTenant(options);
  const urls = await tenant.start();
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(tenant.caFile, 'utf8')]);
  const { clientId, tenantId } = tenant.directory.data.main;
  const offset = { ms: 0 };
  const calls: { method: string; path: string; body: string }[] = [];
  const silent = () => undefined;
  const ports: Ports = {
    ...systemPorts,
    clock: () => Date.now() + offset.ms,
    log: { info: silent, warn: silent, error: silent },
    fetch: (address, init) => {
      const url = new URL(String(address));
      calls.push({ method: init?.method ?? 'GET', path: url.pathname, body: String(init?.body ?? '') });
      return fetch(address, init);
    },
  };
  const connectionString = await freshStorage();
  const storage = createTestStorage(connectionString);
  const secret = tenant.directory.application(clientId)?.secrets[0]?.secretText ?? '';
  const answer = await fetch(`${urls.login}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const graph = createGraph({ graphUrl: urls.graph, ports, storage });
  const meter = createMeter();
  const client: GraphClient = graph.for(async () => token, {
    tenantId,
    appId: clientId,
    priority: 'reports',
    meter,
  });
  const inventory: Inventory = createInventory({ storage, ports });
  const gathering = createGathering({ storage, inventory, ports });

  return {
    tenant,
    tenantId,
    client,
    graph,
    meter,
    inventory,
    gathering,
    storage,
    connectionString,
    graphUrl: urls.graph,
    token,
    /** What reached Graph. */
    calls,
    /** Added to the product's clock. */
    offset,
    stop: () => tenant.stop(),

    async control(method: string, at: string, body?: unknown): Promise<unknown> {
      const reply = await fetch(`${urls.control}/control${at}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`control answered ${reply.status}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },

    /** A call of Graph as the app, past the product. */
    async asApp(method: string, at: string, body?: unknown): Promise<Record<string, unknown>> {
      const reply = await fetch(`${urls.graph}/v1.0${at}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${method} ${at}: ${reply.status} ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },

    async crawl(driveId: string, holder = 'run'): Promise<Snapshot> {
      return (await crawlAll(inventory, { client, holder }, driveId)).snapshot;
    },

    /** Units of `unitMs` until all is gathered; the state goes through JSON each time, as it would through a row. */
    async gather(task: GatherTask, unitMs = 60_000): Promise<{ state: GatherState; units: number }> {
      let state: GatherState | undefined;
      for (let units = 1; units < 1000; units += 1) {
        const unit = await gathering.unit(task, state, ports.clock() + unitMs);
        state = JSON.parse(JSON.stringify(unit.state)) as GatherState;
        if (unit.done) return { state, units };
      }
      throw new Error('the gathering has no end');
    },
  };
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGraph } from '../../src/graph/client.ts';
import type { GraphClient } from '../../src/graph/graph-client.ts';
import { createDeliveries } from '../../src/jobs/deliveries/deliveries.ts';
import type { Delivery } from '../../src/jobs/deliveries/delivery-row.ts';
import { createPost } from '../../src/outbound/post.ts';
import type { Ports } from '../../src/ports.ts';
import type { DeliveryFile, RunParcel } from '../../src/reports/deliver/delivery.ts';
import { createUploadSessions } from '../../src/reports/deliver/upload-session.ts';
import { createTestStorage } from './jobs-world.ts';
import { createQueuePump } from './queue-pump.ts';
import { freshStorage } from './storage.ts';
import type { TestTenant } from './tenant.ts';

export const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;

/** Deliveries over a storage account of their own and the Graph of the local tenant, as its app. */
export async function createDeliveriesWorld(tenant: TestTenant) {
  const connectionString = await freshStorage();
  const real = createTestStorage(connectionString);
  const state = { time: Date.UTC(2026, 2, 2, 12), actionsLeft: Number.POSITIVE_INFINITY, actions: 0 };
  const over: { run: string; states: string[] }[] = [];
  const delays: number[] = [];

  /** A process that is killed does nothing any more: no call, no write, no message. */
  function act(): void {
    state.actions += 1;
    state.actionsLeft -= 1;
    if (state.actionsLeft < 0) throw new Error('killed');
  }

  const ports: Ports = {
    clock: () => state.time,
    random: randomBytes,
    fetch: globalThis.fetch,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  const scope = 'https://graph.microsoft.com/.default';
  const { body } = await tenant.token({ grant_type: 'client_credentials', scope });
  const graph = createGraph({
    graphUrl: tenant.info.graphUrl,
    ports: { ...ports, clock: () => Date.now() },
    storage: real,
  });
  const payer = { tenantId: tenant.info.tenantId, appId: tenant.info.clientId, priority: 'reports' } as const;
  const faults: { match: RegExp; fault: () => void }[] = [];
  const watched = (genuine: GraphClient): GraphClient => ({
    async call(call) {
      act();
      const due = faults.findIndex(({ match }) => match.test(`${call.method ?? 'GET'} ${call.path}`));
      if (due >= 0) faults.splice(due, 1)[0]?.fault();
      return genuine.call(call);
    },
    download: (path) => genuine.download(path),
    async preauthenticated(call) {
      act();
      return genuine.preauthenticated(call);
    },
  });
  const storage: typeof real = {
    ...real,
    table: (options) => {
      const table = real.table(options);
      return {
        ...table,
        replace: async (old, value) => {
          act();
          return table.replace(old, value);
        },
      };
    },
    sealedTable: real.sealedTable,
    queue: (name, schema) => {
      const queue = real.queue(name, schema);
      return {
        ...queue,
        // The clock of the test says when it is time, not Azurite's.
        send: async (message, { delaySeconds = 0 } = {}) => {
          act();
          delays.push(delaySeconds);
          await queue.send(message);
        },
      };
    },
  };

  const deliveries = createDeliveries({
    storage,
    ports,
    graphFor: async (_connection, _priority, meter) =>
      watched(graph.for(async () => String(body.access_token), { ...payer, meter })),
    sessions: createUploadSessions(real, ports.clock),
    secret: async (name) => (name === 'webhook-reports' ? webhookSecret : undefined),
    post: createPost(globalThis.fetch, { allowLoopback: true }),
    over: async (run, all) => void over.push({ run, states: all.map((each) => each.state) }),
  });
  const pump = createQueuePump(connectionString, 'deliveries', (message) => deliveries.work(message));

  return {
    state,
    over,
    delays,
    storage: real,
    deliveries,
    pump,
    once: (match: RegExp, fault: () => void) => void faults.push({ match, fault }),
    /** Stores a file in `reports`, as the report step does. */
    async file(run: string, name: string, data: Buffer): Promise<DeliveryFile> {
      const blob = `${run.split('.')[0]}/${run}/${name}`;
      await real.blobs('reports').put(blob, data, 'text/csv; charset=utf-8');
      const url = `https://valet.contoso.com/api/runs/${run}/files/${name}`;
      return {
        format: 'csv',
        name,
        blob,
        contentType: 'text/csv; charset=utf-8',
        size: data.length,
        rows: 3,
        url,
      };
    },
    /** Works, and lets time pass, until each delivery of the run is over. */
    async finish(run: string): Promise<Delivery[]> {
      await pump.until(async () => {
        const all = await deliveries.of(run);
        const open = all.filter(({ state: now }) => now === 'waiting' || now === 'sending');
        const next = Math.min(...open.map((each) => Math.max(each.nextTryAt ?? 0, each.busyUntil)));
        state.time = Math.max(state.time + 1_000, open.length > 0 ? next : 0);
        return open.length === 0;
      });
      return deliveries.of(run);
    },
  };
}

export type DeliveriesWorld = Awaited<ReturnType<typeof createDeliveriesWorld>>;

export function parcelOf(
  run: string,
  files: readonly DeliveryFile[],
  more: Partial<RunParcel> = {},
): RunParcel {
  return {
    run,
    job: run.split('.')[0] ?? run,
    report: 'file-inventory',
    title: 'File inventory',
    generatedAt: Date.UTC(2026, 2, 2, 6),
    stamp: '2026-03-02-060000',
    connection: 'contoso',
    summary: { subject: 'File inventory: 3 files', html: '<tr><td>3 files</td></tr>', text: '3 files' },
    url: `https://valet.contoso.com/runs/${run}`,
    files: [...files],
    ...more,
  };
}

export interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A receiver of webhooks on this machine, which answers what it is told to. */
export async function startReceiver() {
  const received: Received[] = [];
  const answers: { status: number; headers?: Record<string, string> }[] = [];
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const { status, headers } = answers.shift() ?? { status: 204 };
      reply.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook?key=very-secret`,
    received,
    answer: (status: number, headers?: Record<string, string>) =>
      void answers.push({ status, ...(headers ? { headers } : {}) }),
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

/** What the receivers' libraries of Standard Webhooks check, written down once more from its specification. */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(content).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((each) => {
      const [version, signature = ''] = each.split(',');
      const given = Buffer.from(signature, 'base64');
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
    });
}

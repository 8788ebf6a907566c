import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { HttpRequest } from '@azure/functions';
import { receiveNotification } from '../../../src/api/notifications.ts';
import { createGraph } from '../../../src/graph/client.ts';
import type { GraphFor } from '../../../src/graph/graph-client.ts';
import type { TenantOptions } from '../../../src/local/tenant/options.ts';
import { createTenant } from '../../../src/local/tenant/tenant.ts';
import { type LogFields, type Ports, systemPorts } from '../../../src/ports.ts';
import { createRules, type Rules } from '../../../src/rules/rules.ts';
import { drainMessage } from '../../../src/rules/watch/drain-message.ts';
import { createQueuePump } from '../../support/queue-pump.ts';
import { freshStorage } from '../../support/storage.ts';
import { storageOf } from './stage.ts';

/**
 * The local tenant, a webhook over HTTP, real queues and the rules between them: everything that happens between a change in a
 * drive and the finished operation, but without the Functions host.
 */
export async function tenantStage(options: Partial<TenantOptions> = {}) {
  const tenant = await createTenant({ loopbackNotifications: true, ...options });
  const urls = await tenant.start();
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(tenant.caFile, 'utf8')]);
  const { clientId, tenantId } = tenant.directory.data.main;
  const person = tenant.directory.users(tenantId).find((user) => !user.admin);
  if (!person) throw new Error('the tenant has no person');

  const lines: (LogFields & { event: string })[] = [];
  const line = (event: string, fields?: LogFields) => void lines.push({ event, ...fields });
  const ports: Ports = { ...systemPorts, log: { info: line, warn: line, error: line } };
  const connectionString = await freshStorage();
  const storage = storageOf(connectionString, ports.clock);

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
  const graphFor: GraphFor = async (_connection, priority) =>
    graph.for(async () => token, { tenantId, appId: clientId, priority });

  const received: number[] = [];
  const drains = storage.queue('drains', drainMessage);
  const webhook = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { response: reply, messages } = await receiveNotification(
      new HttpRequest({
        method: 'POST',
        url: `http://localhost${request.url}`,
        headers: { 'content-type': request.headers['content-type'] ?? '' },
        ...(chunks.length > 0 ? { body: { bytes: Buffer.concat(chunks) } } : {}),
      }),
    );
    for (const message of messages) await drains.send(message);
    received.push(messages.length);
    response.writeHead(reply.status ?? 200, reply.headers as Record<string, string>);
    response.end(reply.body as string | undefined);
  });
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  const { port } = webhook.address() as AddressInfo;

  /** A process of the app: everything that it keeps is outside. */
  const process = (using: Ports = ports): Rules =>
    createRules({
      storage,
      graphFor,
      ports: using,
      config: { notificationUrl: `http://localhost:${port}`, entra: { clientId } },
    });

  return {
    tenant,
    urls,
    person,
    driveId: person.driveId,
    ports,
    lines,
    storage,
    graphFor,
    received,
    process,
    pumps: (rules: Rules) => {
      const pumps = [
        createQueuePump(connectionString, 'drains', rules.drain),
        createQueuePump(connectionString, 'operations', rules.operate),
      ];
      return async () => {
        let worked = 0;
        for (const pump of pumps) worked += await pump.round();
        return worked;
      };
    },
    async graph(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const reply = await fetch(`${urls.graph}/v1.0${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(typeof body === 'string' || body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await reply.text();
      return { status: reply.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async control(method: string, path: string, body?: unknown) {
      const reply = await fetch(`${urls.control}/control${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    },
    async stop() {
      webhook.closeAllConnections();
      await new Promise((resolve) => webhook.close(resolve));
      await tenant.stop();
    },
  };
}

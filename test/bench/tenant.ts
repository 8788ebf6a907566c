import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { spawnChild } from '../../src/local/launcher/child.ts';
import { type TenantInfo, tenantInfo } from '../../src/local/launcher/tenant-info.ts';
import type { Bench } from './figure.ts';

const items = 100_000;
const tokenRequests = 2_000;

/** How fast the local tenant is by itself, so that it is known not to be the bottleneck of the other benches. */
export const bench: Bench = {
  summary: 'the speed of the local tenant itself',
  async run({ report, say, only }) {
    const wanted = (name: string) => only.size === 0 || only.has(name);
    const child = spawnChild({
      entry: path.join(import.meta.dirname, '../../src/local/tenant/main.ts'),
      args: ['--json', '--items', String(items), '--files-per-folder', '20'],
      name: 'The local tenant',
      onLine: say,
    });
    try {
      const tenant = tenantInfo.parse(await child.firstJsonLine());
      const call = createCall(tenant);
      const token = await appToken(tenant, call);
      if (wanted('tenant-delta')) {
        const { rows, seconds, calls } = await readDelta(tenant, call, token);
        report({
          bench: 'tenant',
          case: 'tenant-delta',
          ours: rows / seconds,
          unit: 'items/s',
          note: `${rows} items, ${calls} calls, ${seconds.toFixed(2)} s`,
        });
      }
      if (wanted('tenant-token')) {
        const startedAt = performance.now();
        let left = tokenRequests;
        await Promise.all(
          Array.from({ length: 16 }, async () => {
            while (left > 0) {
              left -= 1;
              await appToken(tenant, call);
            }
          }),
        );
        const seconds = (performance.now() - startedAt) / 1000;
        report({
          bench: 'tenant',
          case: 'tenant-token',
          ours: tokenRequests / seconds,
          unit: 'requests/s',
          note: 'client credentials by secret',
        });
      }
    } finally {
      await child.stop();
    }
  },
};

type Call = (method: string, url: string, headers?: Record<string, string>, body?: string) => Promise<string>;

function createCall(tenant: TenantInfo): Call {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(tenant.caFile, 'utf8') });
  return (method, url, headers = {}, body = '') =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (answer.statusCode === 200) resolve(text);
          else
            reject(
              new Error(`${new URL(url).pathname} answered ${answer.statusCode}: ${text.slice(0, 200)}`),
            );
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}

async function appToken(tenant: TenantInfo, call: Call): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: tenant.clientId,
    client_secret: tenant.clientSecret,
    scope: 'https://graph.microsoft.com/.default',
  }).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(form.length),
  };
  const answer = await call('POST', `${tenant.loginUrl}/${tenant.tenantId}/oauth2/v2.0/token`, headers, form);
  return (JSON.parse(answer) as { access_token: string }).access_token;
}

async function readDelta(tenant: TenantInfo, call: Call, token: string) {
  const startedAt = performance.now();
  let url: string | undefined = `${tenant.graphUrl}/v1.0/drives/${tenant.bigDriveId}/root/delta?$top=1000`;
  let rows = 0;
  let calls = 0;
  while (url !== undefined) {
    const text = await call('GET', url, { authorization: `Bearer ${token}` });
    const page = JSON.parse(text) as { value: unknown[]; '@odata.nextLink'?: string };
    rows += page.value.length;
    calls += 1;
    url = page['@odata.nextLink'];
  }
  return { rows, calls, seconds: (performance.now() - startedAt) / 1000 };
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { startAzurite } from '../../../src/local/launcher/azurite.ts';
import { spawnChild } from '../../../src/local/launcher/child.ts';
import { type CrawlResult, type CrawlTask, crawlResult } from './task.ts';

const tenantFacts = z.object({
  loginUrl: z.string(),
  graphUrl: z.string(),
  controlUrl: z.string(),
  caFile: z.string(),
  tenantId: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  bigDriveId: z.string().nullable(),
  siteDriveId: z.string(),
  proxyUrl: z.string().nullish(),
});

export interface Stage {
  readonly facts: z.infer<typeof tenantFacts>;
  readonly token: string;
  /** Runs one task in a process of its own. */
  run(task: Partial<CrawlTask> & Pick<CrawlTask, 'kind' | 'holder'>): Promise<CrawlResult>;
  /** A call of Graph with the app's token. */
  graph(method: string, path: string, body?: unknown): Promise<unknown>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** A local tenant and a storage account, each a process of its own, that last for one case. */
export async function openStage(tenantArguments: readonly string[]): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'graph-valet-bench-'));
  const account = { name: 'bench', key: randomBytes(32).toString('base64') };
  const azurite = await startAzurite({ accounts: [account], location: path.join(folder, 'azurite') });
  const tenant = spawnChild({
    entry: path.join(import.meta.dirname, '../../../src/local/tenant/main.ts'),
    args: ['--port', '0', '--json', '--state', path.join(folder, 'tenant'), ...tenantArguments],
    name: 'the tenant',
  });
  const stop = async () => {
    await tenant.stop();
    await azurite.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const facts = tenantFacts.parse(await tenant.firstJsonLine());
    const ca = readFileSync(facts.caFile);
    const login = await send(`${facts.loginUrl}/${facts.tenantId}/oauth2/v2.0/token`, {
      ca,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: facts.clientId,
        client_secret: facts.clientSecret,
        scope: 'https://graph.microsoft.com/.default',
      }).toString(),
    });
    const { access_token: token } = z.object({ access_token: z.string() }).parse(login);
    const json = { 'content-type': 'application/json' };
    return {
      facts,
      token,
      stop,
      graph: (method, at, body) =>
        send(`${facts.graphUrl}/v1.0${at}`, {
          ca,
          method,
          headers: { ...json, authorization: `Bearer ${token}` },
          body: body === undefined ? undefined : JSON.stringify(body),
        }),
      control: (method, at, body) =>
        send(`${facts.controlUrl}/control${at}`, {
          ca,
          method,
          headers: json,
          body: body === undefined ? undefined : JSON.stringify(body),
        }),
      async run(task) {
        const whole: CrawlTask = {
          graphUrl: facts.graphUrl,
          tenantId: facts.tenantId,
          appId: facts.clientId,
          token,
          storage: azurite.connectionString(account.name),
          driveIds: [facts.bigDriveId ?? facts.siteDriveId],
          connection: 'con_bench',
          ...task,
        };
        const child = spawnChild({
          entry: path.join(import.meta.dirname, 'worker.ts'),
          env: { CRAWL_TASK: JSON.stringify(whole), NODE_EXTRA_CA_CERTS: facts.caFile },
          name: `the crawl ${task.kind}`,
        });
        const result = crawlResult.parse(await child.firstJsonLine());
        await child.exited;
        return result;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Sending {
  readonly ca: Buffer;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Trusts the tenant's own authority for this one request; a JSON answer or undefined. Throws for 400 and above. */
async function send(url: string, { ca, method, headers, body }: Sending): Promise<unknown> {
  if (url.startsWith('http:')) return parse(await fetch(url, { method, headers, ...(body ? { body } : {}) }));
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ca, method, headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () => {
        if ((incoming.statusCode ?? 0) >= 400)
          reject(new Error(`${method} ${url}: ${incoming.statusCode} ${text}`));
        else resolve(text === '' ? undefined : JSON.parse(text));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function parse(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

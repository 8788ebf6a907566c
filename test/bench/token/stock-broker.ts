import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import { TableClient } from '@azure/data-tables';
import { ConfidentialClientApplication, DistributedCachePlugin } from '@azure/msal-node';
import { z } from 'zod';

// The way in which msal-node's own documentation builds a token service: an HTTP server, one client per request, and the
// DistributedCachePlugin over a shared store, here Azure Tables, encrypted. It is what the product is measured against.

const settings = z.object({
  authority: z.url(),
  clientId: z.string(),
  clientSecret: z.string(),
  storageConnection: z.string(),
  callerId: z.string(),
  callerKey: z.string(),
});
/** Read as one JSON object from the environment variable `STOCK_BROKER`. */
export type StockBrokerSettings = z.input<typeof settings>;

const { authority, clientId, clientSecret, storageConnection, callerId, callerKey } = settings.parse(
  JSON.parse(process.env.STOCK_BROKER ?? '{}'),
);
const table = TableClient.fromConnectionString(storageConnection, 'stockbroker', {
  allowInsecureConnection: true,
});
await table.createTable();

const key = randomBytes(32);
const store = {
  async get(partition: string): Promise<string> {
    try {
      return open(String((await table.getEntity(partition, 'cache')).document));
    } catch (error) {
      if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return '';
      throw error;
    }
  },
  async set(partition: string, value: string): Promise<string> {
    await table.upsertEntity({ partitionKey: partition, rowKey: 'cache', document: seal(value) }, 'Replace');
    return value;
  },
};
const partitionOf = createHash('sha256').update(`${clientId}.${authority}`).digest('hex');
const plugin = () =>
  new DistributedCachePlugin(store, { getKey: async () => partitionOf, extractKey: async () => partitionOf });

const expected = digest(`${callerId}:${callerKey}`);
const server = http.createServer((request, response) => {
  answer(request).then(
    ([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    },
    (error) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});

async function answer(request: http.IncomingMessage): Promise<[number, unknown]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const given = Buffer.from(
    (request.headers.authorization ?? '').slice('Basic '.length),
    'base64',
  ).toString();
  if (!timingSafeEqual(digest(given), expected)) return [401, { error: 'invalid_client' }];
  if (form.get('grant_type') !== 'client_credentials') return [400, { error: 'unsupported_grant_type' }];
  const app = new ConfidentialClientApplication({
    auth: { clientId, authority, clientSecret, knownAuthorities: [new URL(authority).host] },
    cache: { cachePlugin: plugin() },
  });
  const result = await app.acquireTokenByClientCredential({
    scopes: ['https://graph.microsoft.com/.default'],
  });
  if (!result) return [500, { error: 'server_error' }];
  const seconds = Math.floor(((result.expiresOn?.getTime() ?? 0) - Date.now()) / 1000);
  return [200, { access_token: result.accessToken, token_type: 'Bearer', expires_in: seconds }];
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined }));
});

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function seal(text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

function open(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}

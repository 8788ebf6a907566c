import { request } from 'node:http';
import type { ApiStage, Loose } from './api-stage.ts';

/** A request that left the product. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Loose;
}

export type GraphCaller = Awaited<ReturnType<typeof createGraphCaller>>;

/** A script with a key beside the broker, a person's connection `files`, and a record of what reaches Microsoft. */
export async function createGraphCaller(stage: ApiStage) {
  const outgoing: Outgoing[] = [];
  stage.serve(
    stage.instance({
      fetch: (input, init) => {
        const call = new Request(input, init);
        outgoing.push({ method: call.method, url: new URL(call.url), headers: call.headers });
        return globalThis.fetch(input, init);
      },
    }),
  );
  const connection = await stage.connect('admin');
  await stage.broker.connections.list();
  const script = await stage.caller();
  const secret = `${script.id}.${script.key}`;
  const alias = connection.alias;

  return {
    outgoing,
    alias,
    script,
    secret,
    /** What reached Graph or a host of contents, the identity platform left out. */
    graphCalls: () => outgoing.filter(({ url }) => [stage.urls.graph, stage.urls.files].includes(url.origin)),
    /** Sends the target exactly as it is written: no client may tidy it up. */
    raw: (
      target: string,
      options: { method?: string; headers?: Record<string, string>; body?: string } = {},
    ) =>
      new Promise<WireAnswer>((resolve, reject) => {
        const { hostname, port } = new URL(stage.site.url);
        const sent = request(
          {
            hostname,
            port,
            path: target,
            method: options.method ?? 'GET',
            headers: { authorization: `Bearer ${secret}`, ...options.headers },
          },
          (reply) => {
            const chunks: Buffer[] = [];
            reply.on('data', (chunk: Buffer) => chunks.push(chunk));
            reply.on('error', reject);
            reply.on('end', () => {
              const text = Buffer.concat(chunks).toString('utf8');
              const headers = new Headers(reply.headers as Record<string, string>);
              const json = /json/.test(headers.get('content-type') ?? '') && text !== '';
              resolve({ status: reply.statusCode ?? 0, headers, text, body: json ? JSON.parse(text) : {} });
            });
          },
        );
        sent.on('error', reject);
        sent.end(options.body);
      }),
  };
}

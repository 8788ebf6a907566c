import type { GraphCall, GraphClient } from '../../src/graph/graph-client.ts';

interface Batch {
  readonly responses: { id: string; status: number; headers?: object; body?: unknown }[];
}

/** The client, but those members of its batches that `strikes` names are answered with this status. */
export function scripted(
  client: GraphClient,
  strikes: (url: string) => boolean,
  status: number,
  headers: object = {},
): GraphClient {
  return {
    ...client,
    async call<T>(call: GraphCall<T>) {
      const reply = await client.call(call);
      if (call.path !== '/$batch') return reply;
      const { requests } = call.body as { requests: { id: string; url: string }[] };
      const struck = new Set(requests.filter(({ url }) => strikes(url)).map(({ id }) => id));
      const { responses } = reply.body as unknown as Batch;
      const body = {
        responses: responses.map((one) => (struck.has(one.id) ? { id: one.id, status, headers } : one)),
      };
      return { ...reply, body: body as T };
    },
  };
}

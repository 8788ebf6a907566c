import * as z from 'zod';
import { toErrorReply } from '../../http/error-reply.ts';
import { matchRoutes } from '../../http/match-routes.ts';
import type { Exchange, Reply, Route } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { graphPath } from '../addressing/item-paths.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { parse } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';

const MOST = 20;

const batch = z.looseObject({
  requests: z.array(
    z.looseObject({
      id: z.string(),
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      dependsOn: z.array(z.string()).optional(),
    }),
  ),
});
type Member = z.output<typeof batch>['requests'][number];
interface Answer {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** `$batch`: up to 20 requests in one; `routes` are those that a member may name. */
export function batchRoute(context: GraphContext, routes: readonly Route[]): GraphRoute {
  const match = matchRoutes(routes);

  async function run(exchange: Exchange, member: Member): Promise<Answer> {
    const url = URL.parse(`${exchange.urls.graph}/v1.0/${member.url.replace(/^\//, '')}`);
    if (!url) return failure(exchange, member, faults.badRequest('The url of a batch member is malformed.'));
    const headers = Object.fromEntries(
      Object.entries(member.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    if (member.body !== undefined && headers['content-type'] === undefined) {
      return failure(exchange, member, faults.badRequest('Write request bodies need a Content-Type header.'));
    }
    const bytes = bodyOf(member, headers['content-type'] ?? '');
    const inner: Exchange = {
      ...exchange,
      method: member.method.toUpperCase(),
      url,
      query: url.searchParams,
      headers: {
        ...headers,
        'content-length': String(bytes.length),
        authorization: exchange.headers.authorization ?? '',
      },
      body: bytes,
      json: () => member.body,
    };
    const found = match('graph', inner.method, url.pathname);
    if (!found) {
      return failure(
        exchange,
        member,
        new HttpFault(501, 'notSupported', `The local tenant does not play ${inner.method} ${url.pathname}.`),
      );
    }
    try {
      return toAnswer(member, await found.route.handle({ ...inner, params: found.params }));
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      return failure(exchange, member, error);
    }
  }

  function failure(exchange: Exchange, member: Member, fault: HttpFault): Answer {
    return toAnswer(member, toErrorReply(exchange, fault, context.clock()));
  }

  async function handle(exchange: Exchange): Promise<Reply> {
    const { requests } = parse(exchange.json(), batch);
    const ids = requests.map(({ id }) => id.toLowerCase());
    if (requests.length > MOST)
      throw faults.badRequest(`Number of batch request steps exceeds the maximum value of ${MOST}.`);
    if (new Set(ids).size < ids.length) throw faults.badRequest('Batch request ids must be unique.');
    const answers = new Map<string, Answer>();
    // In the order given, so that whatever a member depends on has been answered when it stood before it.
    for (const member of requests) {
      const failed = (member.dependsOn ?? []).some(
        (id) => (answers.get(id.toLowerCase())?.status ?? 424) >= 400,
      );
      const answer = failed
        ? failure(
            exchange,
            member,
            new HttpFault(424, 'FailedDependency', 'A request that this one depends on failed.'),
          )
        : await run(exchange, member);
      answers.set(member.id.toLowerCase(), answer);
    }
    const responses = [...answers.values()];
    const throttled = responses.some(({ status }) => status === 429);
    return odata(throttled ? context.switches.throttledBatch : 200, { responses });
  }

  return graphRoute({
    method: 'POST',
    path: graphPath('/\\$batch'),
    display: '/$batch',
    summary: 'Up to 20 requests in one',
    contract: '6.3',
    strict: 'unique ids, dependsOn, content types; each member is priced by itself',
    handle,
  });
}

function bodyOf({ body }: Member, type: string): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return /json/i.test(type) ? Buffer.from(JSON.stringify(body)) : Buffer.from(String(body), 'base64url');
}

function toAnswer(member: Member, { status, headers = {}, body }: Reply): Answer {
  const shown = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  const value =
    typeof body === 'string' && /json/i.test(shown['content-type'] ?? '') ? JSON.parse(body) : body;
  return { id: member.id, status, headers: shown, ...(value === undefined ? {} : { body: value }) };
}

import { setTimeout as after } from 'node:timers/promises';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { graphAddress, preauthenticatedAddress } from './address.ts';
import { createForward, type Forward } from './forward.ts';
import { createGate, type Payer, type Sleep, type Spending } from './gate.ts';
import type {
  GraphCall,
  GraphClient,
  GraphReply,
  PreauthenticatedCall,
  TokenSource,
} from './graph-client.ts';
import { toGraphError } from './graph-errors.ts';
import { membersOf, type Price, priceOf } from './price.ts';
import { type Answer, parseBody, readAnswer } from './read-answer.ts';
import { createSend, type Outgoing } from './transport.ts';

export interface Graph {
  /** Graph as the identity whose tokens `tokenSource` gives, charged to the budget of (tenant, app). */
  for(tokenSource: TokenSource, payer: Payer): GraphClient;
  /** Calls that callers of the proxy made up, through the same gate. */
  readonly forward: Forward;
  /** What was spent in a tenant in the last 24 hours, by all instances. */
  spending(tenantId: string): Promise<Spending[]>;
}

export interface GraphOptions {
  /** https origin of Microsoft Graph. */
  readonly graphUrl: string;
  readonly ports: Ports;
  readonly storage: Pick<Storage, 'table'>;
  readonly sleep?: Sleep;
}

interface Stream extends Answer {
  readonly stream: ReadableStream<Uint8Array> | null;
}

/** The one way out to Graph. Short waits happen inside a call; a longer one is `throttled` with the seconds to wait. */
export function createGraph({ graphUrl, ports, storage, sleep = (ms) => after(ms) }: GraphOptions): Graph {
  const gate = createGate({ storage, clock: ports.clock, random: ports.random, sleep });
  const send = createSend({ ports, gate, sleep });

  return {
    forward: createForward({ graphUrl, send }),
    spending: (tenantId) => gate.spending(tenantId),
    for: (token, payer) => ({
      async call<T>(call: GraphCall<T>): Promise<GraphReply<T>> {
        const outgoing: Outgoing = {
          method: call.method ?? 'GET',
          url: graphAddress(graphUrl, call.path),
          ...encodeBody(call),
          ...costOf(call),
          token,
        };
        const answer = await send(payer, outgoing, (response) => readAnswer(response, call.glance));
        if (answer.status >= 300) throw toGraphError(answer, ports.clock());
        const body = call.schema ? parseBody(call.schema, answer.body, call.path) : (answer.body as T);
        return { status: answer.status, headers: answer.headers, body };
      },

      async download(path) {
        const url = graphAddress(graphUrl, path);
        const first = await send(payer, { method: 'GET', url, token }, readStream);
        const location = isRedirect(first.status) ? first.headers.get('location') : null;
        if (location === null) return bytesOf(first);
        const target = preauthenticatedAddress(new URL(location, url).href);
        return bytesOf(await send(payer, { method: 'GET', url: target, token: undefined }, readStream));
      },

      preauthenticated: (call: PreauthenticatedCall) =>
        send(
          payer,
          {
            method: call.method,
            url: preauthenticatedAddress(call.url),
            headers: lowerCase(call.headers),
            body: call.body === undefined ? undefined : new Uint8Array(call.body),
            token: undefined,
          },
          (response) => readAnswer(response),
        ),
    }),
  };

  function bytesOf(answer: Stream): ReadableStream<Uint8Array> {
    if (answer.status >= 300) throw toGraphError(answer, ports.clock());
    return answer.stream ?? new Blob([]).stream();
  }
}

/** Keeps the stream of a success; what is no success is read to its end. */
async function readStream(response: Response): Promise<Stream> {
  if (response.ok) {
    return { status: response.status, headers: response.headers, body: undefined, stream: response.body };
  }
  return { ...(await readAnswer(response)), stream: null };
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** A batch costs what its members cost; one that only reads may be sent again. */
function costOf({ path, body, method }: GraphCall): { price?: Price; reads?: boolean } {
  if (path !== '/$batch') return {};
  return {
    price: priceOf(method ?? 'GET', 'https://graph.invalid/v1.0/$batch', body),
    reads: membersOf(body).every((member) => member.method.toUpperCase() === 'GET'),
  };
}

function encodeBody({ body, headers }: GraphCall): Pick<Outgoing, 'body' | 'headers'> {
  if (body === undefined) return { headers: lowerCase(headers) };
  const bytes = body instanceof Uint8Array;
  return {
    headers: {
      'content-type': bytes ? 'application/octet-stream' : 'application/json',
      ...lowerCase(headers),
    },
    body: bytes ? new Uint8Array(body) : JSON.stringify(body),
  };
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Exchange, Reply } from './route.ts';

/** How an answer is to be spoiled on its way out. */
export interface Spoil {
  readonly cutMid: boolean;
  readonly wrongJson: boolean;
}

/** Writes an answer, with the request ids that the service would add. */
export async function sendReply(
  response: ServerResponse,
  exchange: Exchange,
  reply: Reply,
  spoil: Spoil,
): Promise<void> {
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(idHeaders(exchange))) response.setHeader(name, value);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const { body } = reply;
  if (body instanceof Readable) {
    await pipeline(body, response);
    return;
  }
  const whole = toBytes(response, body);
  const bytes = spoil.wrongJson ? whole.subarray(0, Math.floor(whole.length / 2)) : whole;
  if (reply.status !== 204 && reply.status !== 304) response.setHeader('content-length', bytes.length);
  if (spoil.cutMid) {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return;
  }
  response.end(exchange.method === 'HEAD' ? undefined : bytes);
}

function toBytes(response: ServerResponse, body: string | Buffer | object | undefined): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  if (typeof body === 'string') return Buffer.from(body);
  if (!response.hasHeader('content-type'))
    response.setHeader('content-type', 'application/json; charset=utf-8');
  return Buffer.from(JSON.stringify(body));
}

const DIAGNOSTIC = JSON.stringify({
  ServerInfo: {
    DataCenter: 'Localhost',
    Slice: 'E',
    Ring: '1',
    ScaleUnit: '000',
    RoleInstance: 'LOCAL00000001',
  },
});

function idHeaders(exchange: Exchange): Record<string, string> {
  const echoed = exchange.headers['client-request-id'] ?? exchange.query.get('client-request-id');
  if (exchange.listener === 'vault') return { 'x-ms-request-id': exchange.requestId };
  if (exchange.listener === 'control') return {};
  const name =
    exchange.listener === 'graph' || exchange.listener === 'files' ? 'request-id' : 'x-ms-request-id';
  const where = exchange.listener === 'graph' ? { 'x-ms-ags-diagnostic': DIAGNOSTIC } : {};
  return {
    [name]: exchange.requestId,
    'client-request-id': toHeader(echoed) ?? exchange.requestId,
    ...where,
  };
}

/** Only what can stand in a header; a stranger's line break must not make a second one. */
function toHeader(value: string | null | undefined): string | undefined {
  return value && /^[\x21-\x7e]{1,100}$/.test(value) ? value : undefined;
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { FaultEngine } from '../faults/fault-engine.ts';
import type { CallLog } from './call-log.ts';
import type { Dispatch } from './dispatch.ts';
import { toExchange } from './exchange.ts';
import type { ListenerName } from './route.ts';
import { sendReply } from './send-reply.ts';
import type { Ports } from './urls.ts';
import { schemeOf } from './urls.ts';

export const LISTENERS: readonly ListenerName[] = ['login', 'pages', 'graph', 'files', 'vault', 'control'];

export interface Listeners {
  readonly ports: Ports;
  /** Ends at once: open connections are closed. */
  stop(): Promise<void>;
}

/** Opens every listener on 127.0.0.1; a base port of 0 takes free ports. */
export async function listen(parts: {
  readonly basePort: number;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly latencyMs: number;
  readonly dispatch: Dispatch;
  readonly faults: FaultEngine;
  readonly calls: CallLog;
  readonly clock: () => number;
}): Promise<Listeners> {
  const ports: Record<ListenerName, number> = {
    login: 0,
    pages: 0,
    graph: 0,
    files: 0,
    vault: 0,
    control: 0,
  };
  const servers: Server[] = [];

  async function answer(
    listener: ListenerName,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const started = performance.now();
    const exchange = toExchange(request, await readBody(request), listener, ports);
    const strike = parts.faults.strike(exchange);
    const delay = parts.latencyMs + (strike?.delayMs ?? 0);
    if (delay > 0) await wait(delay);
    if (strike?.cut === 'before') {
      response.destroy();
      return;
    }
    const outcome = strike?.reply
      ? { reply: strike.reply, label: '(fault)' }
      : await parts.dispatch(exchange);
    const ms = Math.round(performance.now() - started);
    const { method, url } = exchange;
    const call = {
      at: parts.clock(),
      listener,
      method,
      path: url.pathname,
      status: outcome.reply.status,
      ms,
    };
    parts.calls.record(call, outcome.label);
    const spoil = { cutMid: strike?.cut === 'mid', wrongJson: strike?.wrongJson ?? false };
    await sendReply(response, exchange, outcome.reply, spoil);
  }

  for (const [index, listener] of LISTENERS.entries()) {
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      // A client that went away in the middle of a request or an answer is its own affair.
      answer(listener, request, response).catch(() => response.destroy());
    };
    const server =
      schemeOf(listener) === 'http' ? createPlainServer(handle) : createTlsServer(parts.tls, handle);
    server.keepAliveTimeout = 65_000;
    server.requestTimeout = 0;
    servers.push(server);
    ports[listener] = await open(server, parts.basePort === 0 ? 0 : parts.basePort + index);
  }
  return { ports, stop: () => closeAll(servers) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** Listens on loopback only; resolves with the port. */
export function open(server: { listen: Server['listen'] } & Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      const address: AddressInfo | string | null = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the listener has no port'));
      else resolve(address.port);
    });
  });
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}

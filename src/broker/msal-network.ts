import { setTimeout as wait } from 'node:timers/promises';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Clock, Fetch } from '../ports.ts';

/** What the token endpoint answered last, for what MSAL's errors don't tell. */
export interface EntraReply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** When it was asked (ms): lifetimes count from here, so that they never come out too long. */
  readonly askedAt: number;
}

export interface MsalNetwork extends INetworkModule {
  /** Undefined when no answer came. */
  lastReply(): EntraReply | undefined;
}

/** Longer than Entra ever takes, shorter than the lease under which it is asked. */
const timeoutMs = 10_000;

/**
 * MSAL over the fetch of this process. A request whose connection broke before any answer is sent once more: undici
 * reports an idle connection that the peer has closed only when it is used.
 */
export function createMsalNetwork(ports: { fetch: Fetch; clock: Clock }): MsalNetwork {
  let last: EntraReply | undefined;

  async function send<T>(
    url: string,
    method: 'GET' | 'POST',
    options: NetworkRequestOptions | undefined,
  ): Promise<NetworkResponse<T>> {
    last = undefined;
    const init: RequestInit = {
      method,
      headers: options?.headers ?? {},
      redirect: 'error',
      ...(method === 'POST' ? { body: options?.body ?? '' } : {}),
    };
    const askedAt = ports.clock();
    const response = await fetchTwice(ports.fetch, url, init);
    const body = toObject(await response.text());
    last = {
      status: response.status,
      retryAfter: response.headers.get('retry-after') ?? undefined,
      body,
      askedAt,
    };
    return { headers: Object.fromEntries(response.headers), body: body as T, status: response.status };
  }

  return {
    lastReply: () => last,
    sendGetRequestAsync: (url, options) => send(url, 'GET', options),
    sendPostRequestAsync: (url, options) => send(url, 'POST', options),
  };
}

async function fetchTwice(fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    if (!isBrokenConnection(error)) throw error;
    await wait(20);
    return fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  }
}

function isBrokenConnection(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(String(cause?.code));
}

/** A gateway's HTML page is no reason to fail differently: the status says enough. */
function toObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

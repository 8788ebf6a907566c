import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { claimsOf } from './claims-challenge.ts';
import type { Gate, Payer, Sleep } from './gate.ts';
import type { TokenSource } from './graph-client.ts';
import { type Price, priceOf } from './price.ts';
import { type Answer, withoutQuery } from './read-answer.ts';
import { refusedMembers } from './refused-members.ts';
import { userAgent } from './user-agent.ts';

export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  /** None for a pre-authenticated address. */
  readonly token: TokenSource | undefined;
  /** What it costs; found from method and address unless given. */
  readonly price?: Price | undefined;
  /** A POST that only reads: it may be sent again when no answer came. */
  readonly reads?: boolean | undefined;
}

/** What is made of an answer's body: all of it is read, or its stream is handed on. */
export type ReadBody<T extends Answer> = (response: Response) => Promise<T>;

/**
 * Sends through the gate, renews the token once on a 401, and tries again what may be tried again: bounded in number and in
 * time waited. Gives the last answer whatever its status; throws `throttled` or `upstream_unavailable`.
 */
export type Send = <T extends Answer>(payer: Payer, call: Outgoing, read: ReadBody<T>) => Promise<T>;

export interface TransportOptions {
  readonly ports: Ports;
  readonly gate: Gate;
  readonly sleep: Sleep;
}

/** A call waits at most this long in all: at the gate and between tries. */
const patienceMs = 10_000;
const timeoutMs = 30_000;
const uploadTimeoutMs = 60_000;
const tries = 4;

type Renewal = NonNullable<Parameters<TokenSource>[0]>;

export function createSend({ ports, gate, sleep }: TransportOptions): Send {
  const uniform = () => ports.random(4).readUInt32BE() / 2 ** 32;

  return async (payer, call, read) => {
    let patience = patienceMs;
    let renewal: Renewal | undefined;
    const price = call.price ?? priceOf(call.method, call.url);
    for (let attempt = 1; ; attempt += 1) {
      const token = await call.token?.(renewal);
      patience -= await gate.enter(payer, price, patience);
      payer.meter?.add({ units: price.units });
      const reply = await once(call, token, read).catch((error: unknown) => unreachable(call, error));
      const verdict =
        reply instanceof AppError
          ? verdictOfSilence(call)
          : await judge(payer, call, reply, renewal !== undefined);
      if (typeof verdict === 'object') {
        renewal = verdict;
        continue;
      }
      const waitMs = verdict === 'again' ? Math.ceil(250 * 2 ** (attempt - 1) * (1 + uniform())) : 0;
      if (verdict === 'done' || attempt >= tries || waitMs > patience) {
        if (reply instanceof AppError) throw reply;
        return reply;
      }
      patience -= waitMs;
      if (waitMs > 0) await sleep(waitMs);
    }
  };

  /** What to do with an answer: take it, renew the token like this, let the gate decide when, or try again after a moment. */
  async function judge(
    payer: Payer,
    call: Outgoing,
    { status, headers, body }: Answer,
    renewed: boolean,
  ): Promise<'done' | 'gate' | 'again' | Renewal> {
    if (status === 401 && call.token && !renewed) {
      const claims = claimsOf(headers);
      return claims === undefined ? { forceRefresh: true } : { claims };
    }
    if (status === 429 || status === 509 || (status === 503 && headers.has('retry-after'))) {
      payer.meter?.add({ throttled: 1 });
      await gate.pause(payer, headers);
      return 'gate';
    }
    // A batch is answered even when some of what it asks was refused: only their own headers tell.
    const refusals = refusedMembers(body);
    payer.meter?.add({ throttled: refusals.length });
    const [worst] = refusals;
    if (worst) await gate.pause(payer, worst);
    await gate.observe(payer, headers);
    const broken = status === 500 || status === 502 || status === 504;
    return status === 503 || (broken && isRepeatable(call)) ? 'again' : 'done';
  }

  async function once<T>(
    call: Outgoing,
    token: string | undefined,
    read: (response: Response) => Promise<T>,
  ) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), call.method === 'PUT' ? uploadTimeoutMs : timeoutMs);
    try {
      const response = await ports.fetch(call.url, {
        method: call.method,
        headers: {
          accept: 'application/json',
          ...call.headers,
          'user-agent': userAgent,
          'client-request-id': requestId(ports.random(16)),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(call.body === undefined ? {} : { body: call.body }),
        redirect: 'manual',
        signal: limit.signal,
      });
      return await read(response);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** No answer came: the call may have been done or not. */
function verdictOfSilence(call: Outgoing): 'again' | 'done' {
  return isRepeatable(call) ? 'again' : 'done';
}

/** A POST that got no answer may have been done: only its sender knows how to find out. */
function isRepeatable({ method, reads }: Outgoing): boolean {
  return method !== 'POST' || reads === true;
}

function unreachable(call: Outgoing, error: unknown): AppError {
  if (isAppError(error)) return error;
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  const where = call.token ? withoutQuery(call.url) : 'a pre-authenticated address';
  const why = `${error instanceof Error ? error.name : 'no answer'} ${String(cause?.code ?? '')}`.trim();
  return new AppError(
    'upstream_unavailable',
    'Microsoft Graph could not be reached, or did not answer in time.',
    {
      detail: `${call.method} ${where}: ${why}`,
      retryable: true,
      retryAfter: 10,
      cause: error,
    },
  );
}

/** A GUID of 16 random bytes, which Graph echoes and its support asks for. */
function requestId(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

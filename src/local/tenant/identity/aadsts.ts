import type { Exchange, Reply } from '../http/route.ts';

/** A refusal of the identity platform: an OAuth error, the AADSTS code and its text. */
export class Refusal extends Error {
  readonly error: string;
  readonly code: number;
  readonly suberror: string | undefined;
  /** A claims request (JSON text) that the client must pass to a new sign-in. */
  readonly claims: string | undefined;
  readonly status: number;

  constructor(
    error: string,
    code: number,
    text: string,
    more: { suberror?: string; claims?: string; status?: number } = {},
  ) {
    super(text);
    this.name = 'Refusal';
    this.error = error;
    this.code = code;
    this.suberror = more.suberror;
    this.claims = more.claims;
    this.status = more.status ?? 400;
  }
}

/** The members that every error of the platform carries. */
export function errorMembers(exchange: Exchange, refusal: Refusal, now: number) {
  const correlation =
    exchange.query.get('client-request-id') ?? exchange.headers['client-request-id'] ?? exchange.requestId;
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: refusal.error,
    error_description: `AADSTS${refusal.code}: ${refusal.message}\r\nTrace ID: ${exchange.requestId}\r\nCorrelation ID: ${correlation}\r\nTimestamp: ${timestamp}`,
    error_codes: [refusal.code],
    timestamp,
    trace_id: exchange.requestId,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${refusal.code}`,
    ...(refusal.suberror === undefined ? {} : { suberror: refusal.suberror }),
    ...(refusal.claims === undefined ? {} : { claims: refusal.claims }),
  };
}

export const noStore = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' } as const;

export function refusalReply(exchange: Exchange, refusal: Refusal, now: number): Reply {
  return { status: refusal.status, headers: noStore, body: errorMembers(exchange, refusal, now) };
}

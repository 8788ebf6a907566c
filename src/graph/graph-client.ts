import type { z } from 'zod';
import type { Meter } from './meter.ts';

/** Gives an access token for Microsoft Graph; asked before each call, so it answers from a cache. */
export type TokenSource = (options?: { claims?: string; forceRefresh?: boolean }) => Promise<string>;

/** Who waits for the answer: the gate keeps a share of the budget for people. */
export type Priority = 'interactive' | 'rules' | 'reports';

export interface GraphCall<T = unknown> {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /**
   * `/me`, `/drives/{id}/root/delta?$top=200` (below /v1.0, already percent-encoded), or an absolute nextLink or deltaLink that Graph gave.
   * An absolute address of any other host is refused.
   */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, bytes as they are. */
  readonly body?: unknown;
  /** Parses a JSON answer; tolerant of members it does not name. */
  readonly schema?: z.ZodType<T>;
  /**
   * Told how a JSON answer begins while the rest is on its way, and then all of it before it is parsed: who sees there what to
   * ask next can do so at once. Told again when the call is tried again.
   */
  readonly glance?: ((text: string) => void) | undefined;
}

export interface GraphReply<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Graph as one identity. Throws AppError: `throttled`, `not_found`, `conflict`, `precondition_failed`, `locked`, `resync_required`, `forbidden`, `reauth_required`, `upstream_unavailable`, `graph_error`. */
export interface GraphClient {
  call<T>(call: GraphCall<T>): Promise<GraphReply<T>>;
  /** Bytes of a file: follows the redirect to the pre-authenticated address without the token. */
  download(path: string): Promise<ReadableStream<Uint8Array>>;
  /**
   * A call to a pre-authenticated https address that Graph gave (upload session, copy monitor): through the same gate, but
   * without the token, and answered whatever the status is. The address itself is a secret: it reaches no log and no error.
   */
  preauthenticated(call: PreauthenticatedCall): Promise<GraphReply<unknown>>;
}

export interface PreauthenticatedCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An identity's Graph: `connection` is an id or an alias; `meter` is told what its calls cost. */
export type GraphFor = (connection: string, priority: Priority, meter?: Meter) => Promise<GraphClient>;
